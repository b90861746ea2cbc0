"""Redis dies, freezes, comes back empty, cuts its listeners off and is lied to."""

import asyncio
import random
import signal
from collections.abc import Sequence

import orjson
import pytest

from realtime.broker import CHANNELS
from resolvers.ids import decode
from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log, eventually
from tests.faults.resuming import Resuming
from tests.faults.screen import OWN_VIEW
from tests.faults.writer import Writer
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def watched(desk: Installation, id: str, crowd: int = 0) -> list[Resuming]:
    """Clients of both sides at all servers, live."""
    names = [STAFF[n % 10] for n in range(crowd or 8)]
    clients = await desk.watch(id, [*names, "mario", "mario", "anna"])
    clients += await desk.watch(id, ["bruno", STAFF[13]], OWN_VIEW)
    await all_live(clients)
    return clients


def writers(desk: Installation, id: str) -> list[Writer]:
    """Of both sides, at all servers."""
    found: list[Writer] = []
    for number, name in enumerate(("mario", *STAFF[10:13])):
        client = desk.person(name, number % len(desk.servers))
        found.append(Writer(client, id, dice(name)))
    return found


async def all_healthy(desk: Installation) -> None:
    """Wait until hints flow at all servers."""
    for server in desk.servers:
        await server.until(lambda numbers: numbers["hints_flowing"] == 1)


async def assert_undisturbed(
    desk: Installation, id: str, clients: list[Resuming], by: Sequence[Writer]
) -> None:
    """Nobody lost anything, and no socket was closed."""
    await assert_log(desk.seat, id, clients, 1 + sum(len(one.written) for one in by))
    assert not [one.who for one in clients if one.codes]


async def test_killed_at_random(found: Found, redis: RedisServer) -> None:
    """During sustained writes: 50 a second, or what the machine takes."""
    desk = await found(2)
    id = await desk.ticket()
    clients = await watched(desk, id, sized(100, 24))
    chance, some = dice("redis"), writers(desk, id)
    writing = asyncio.gather(*(one.posts(sized(750, 60), 0.08) for one in some))
    while not writing.done():
        await asyncio.sleep(chance.random())
        redis.kill()
        await asyncio.sleep(chance.random())
        redis.ready()
    await writing
    await assert_undisturbed(desk, id, clients, some)
    await all_healthy(desk)


async def test_frozen_for_12_s(found: Found, redis: RedisServer) -> None:
    desk = await found(2)
    id = await desk.ticket()
    clients, some = await watched(desk, id), writers(desk, id)
    writing = asyncio.gather(*(one.posts(30, 0.4) for one in some))
    redis.signal(signal.SIGSTOP)
    await asyncio.sleep(12)
    # Written while it is frozen, and read all the same: by position checks.
    during = sum(len(one.written) for one in some)
    assert during
    await eventually(lambda: all(c.screen.last > 1 for c in clients if c.screen.view is OWN_VIEW))
    redis.signal(signal.SIGCONT)
    await writing
    await assert_undisturbed(desk, id, clients, some)
    await all_healthy(desk)


async def test_listeners_cut_off_and_restarted_empty(found: Found, redis: RedisServer) -> None:
    desk = await found(2)
    id = await desk.ticket()
    clients, some = await watched(desk, id), writers(desk, id)
    writing = asyncio.gather(*(one.posts(40, 0.3) for one in some))
    for _ in range(sized(50, 5)):
        redis.say("CLIENT", "KILL", "TYPE", "pubsub")
        await some[0].post()
        redis.say("CLIENT", "KILL", "TYPE", "normal")
        await some[0].post()
        redis.kill()
        await some[0].post()
        redis.ready()
        redis.say("FLUSHALL")
        await some[0].post()
    await writing
    await assert_undisturbed(desk, id, clients, some)
    await all_healthy(desk)


GARBAGE = (
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "\xff\xfe",
    '{"ticket": null}',
    '{"ticket": "1"}',
    '{"ticket": [1]}',
    '{"ticket": 1e400}',
    '{"ticket": true}',
    '{"ticket": -1, "number": -1, "revision": -1}',
    '{"session": "1"}',
    '{"session": -1}',
    '{"viewers": "x", "by": 1}',
    '{"rights": ""}',
    '{"operator": 5}',
    "[" * 5000,
    "x" * 100_000,
)


async def test_hints_doubled_shuffled_late_and_made_up(found: Found, redis: RedisServer) -> None:
    desk = await found(2)
    id = await desk.ticket()
    clients, some = await watched(desk, id), writers(desk, id)
    number, chance = decode(id)[1], dice("hints")
    writing = asyncio.gather(*(one.posts(sized(400, 40), 0.1) for one in some))
    while not writing.done():
        for _ in range(20):
            channel = f"sportello:hints:{number % CHANNELS:02}"
            redis.say("PUBLISH", channel, _lie(number, chance))
        await asyncio.sleep(0.05)
    await writing
    await assert_undisturbed(desk, id, clients, some)
    for server in desk.servers:
        numbers = await server.metrics()
        assert numbers['hints_total{state="garbage"}'] > 0
        assert numbers["hint_outages_total"] == 0


def _lie(ticket: int, chance: random.Random) -> str:
    """A hint that was true, will be, or never is; of this ticket, or of none; or no hint."""
    if chance.random() < 0.2:
        return chance.choice(GARBAGE)
    hint: dict[str, object] = {"ticket": ticket + chance.choice((0, 0, 0, CHANNELS, 2**60))}
    if chance.random() < 0.2:
        hint["operator"] = chance.randrange(-1, 100)
    else:
        at = chance.choice((chance.randrange(400), -5, 2**62))
        hint |= {"number": at, "revision": at + chance.randrange(-1, 3)}
    if chance.random() < 0.05:
        hint = {"rights": 1}
    return orjson.dumps(hint).decode()
