"""Processes that die in the middle of a write: between commit and hint, and before the commit."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from secrets import token_hex

import orjson
import pytest

from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF, token_of
from tests.faults.dying import BEFORE_COMMIT, BEFORE_HINT, DIED
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log
from tests.faults.screen import OWN_VIEW
from tests.faults.writer import Writer
from tests.support.site import CLIENT

POST = """
mutation ($input: MessagePostInput!) {
  messagePost(input: $input) { __typename ... on MessagePosted { posted { number } } }
}"""
Input = dict[str, str]


class Dying:
    """Processes that die, one for each request."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def die(self, point: str, input: Input) -> None:
        """Post a message as Mario, and die of it."""
        job = {
            "point": point,
            "path": CLIENT,
            "token": token_of("mario"),
            "query": POST,
            "variables": {"input": input},
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(orjson.dumps(job) + b"\n")
        line = await self._process.stdout.readline()
        assert line == b"%d\n" % DIED, "it did not die where it was to: see dying.txt"


@asynccontextmanager
async def dying(desk: Installation) -> AsyncGenerator[Dying]:
    with (desk.program.folder / "dying.txt").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.dying",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=desk.program.environment,
        )
    try:
        yield Dying(process)
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("point", [BEFORE_HINT, BEFORE_COMMIT])
async def test_death_in_the_middle_of_a_write(found: Found, point: str) -> None:
    """Sent again with the same key, it is written once; and feeds find what no hint told of.

    With PostgreSQL others run meanwhile. On SQLite the only process dies, and begins again.
    """
    desk = await found(2)
    alone = desk.redis is None
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[:6], "mario", "anna"])
    clients += await desk.watch(id, ["bruno"], OWN_VIEW)
    await all_live(clients)
    chance = dice("deaths")
    writer = Writer(desk.person("mario"), id, chance)
    deaths = sized(1000, 4) // 20 if alone else sized(1000, 20)
    async with dying(desk) as program:
        for _ in range(deaths):
            if alone:
                await desk.servers[0].stop(signal.SIGKILL)
            key = token_hex(8)
            input = {"ticketId": id, "body": f"<p>{key}</p>", "idempotencyKey": key}
            await program.die(point, input)
            if alone:
                await desk.servers[0].start()
            # Some are told of by a later hint, the last ones by none.
            if point == BEFORE_COMMIT or chance.random() < 0.5:
                await writer.post(key, key)
                writer.written.pop()
            if chance.random() < 0.3:
                await writer.post()
    assert not [line for line in program_errors(desk) if "Traceback" in line]
    log = await assert_log(desk.seat, id, clients, 1 + deaths + len(writer.written))
    texts = [one["bodyText"] for one in log]
    assert len(set(texts)) == len(texts)


def program_errors(desk: Installation) -> list[str]:
    """What the dying said."""
    return (desk.program.folder / "dying.txt").read_text().splitlines()
