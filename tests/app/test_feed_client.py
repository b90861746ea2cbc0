"""docs/clients/feed.py against a server that is restarted, killed, and cut off: entries = log."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.administration.staff import program
from tests.app.program import ROOT, Program
from tests.support.example_b import PASSWORD
from tests.support.live import PATIENCE_S
from tests.support.relay import relayed
from tests.support.site import CLIENT, DESK, SIGN_IN, Client, Site, category

FEED = ROOT / "docs" / "clients" / "feed.py"
OPENED = "... on TicketOpened { ticket { id } }"
LOG = """
query ($id: ID!) { ticket(id: $id) { feedCursor timeline(first: 100) { edges { node {
  number __typename ... on Post { bodyText } ... on SystemEvent { kind }
} } } } }"""


class Follower:
    """The example as a process of its own, and what it has shown."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    @property
    def entries(self) -> list[str]:
        return [one for one in self.lines if not one.startswith("-")]

    async def until(self, shown: Callable[["Follower"], bool]) -> None:
        """Read on until it is so; an end before fails."""
        out = self.process.stdout
        assert out
        async with asyncio.timeout(3 * PATIENCE_S):
            while not shown(self):
                line = (await out.readline()).decode()
                assert line, await self.complaint()
                self.lines.append(line.rstrip("\n"))

    async def complaint(self) -> str:
        """What it said on standard error by its end."""
        assert self.process.stderr
        async with asyncio.timeout(PATIENCE_S):
            text = (await self.process.stderr.read()).decode()
            await self.process.wait()
        return text


@asynccontextmanager
async def following(host: str, token: str, *arguments: str) -> AsyncGenerator[Follower]:
    """It runs, as its first lines say it is run."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(FEED),
        f"ws://{host}{DESK}",
        *arguments,
        env={**os.environ, "TOKEN": token, "NO_PROXY": "*"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Follower(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def log(by: Client, id: str) -> tuple[list[str], str]:
    """The entries as the example shows them, and the cursor after them."""
    ticket: dict[str, Any] = (await by.run(LOG, id=id))["ticket"]
    nodes = [edge["node"] for edge in ticket["timeline"]["edges"]]
    said = [
        f"{one['number']} {one['__typename']}: {one.get('bodyText') or one.get('kind')}"
        for one in nodes
    ]
    return said, ticket["feedCursor"]


async def opened(by: Client) -> str:
    """A new ticket of theirs."""
    where = await category(by, "Rinnovo permesso")
    done = await by.do("ticketOpen", OPENED, subject="Permesso", body="aiuto", categoryId=where)
    return done["ticket"]["id"]


async def signed_in(http: httpx.AsyncClient, host: str, name: str, path: str = DESK) -> Client:
    data = await Client(http, host, path, None).run(
        SIGN_IN, email=f"{name}@demo.test", password=PASSWORD
    )
    return Client(http, host, path, data["signIn"]["token"])


async def test_a_server_that_is_restarted_and_killed(desk: Program) -> None:
    host = f"127.0.0.1:{dict(desk.settings)['PORT']}"
    async with httpx.AsyncClient(base_url=f"http://{host}", timeout=60, trust_env=False) as http:
        with desk.started("serve") as server:
            server.says("Sportello is running.")
            anna, mario = (
                await signed_in(http, host, "anna"),
                await signed_in(http, host, "mario", CLIENT),
            )
            id = await opened(mario)
            (_, cursor) = await log(anna, id)
            assert anna.token
        async with following(host, anna.token, id, cursor) as follower:
            for number, end in enumerate((signal.SIGTERM, signal.SIGKILL, signal.SIGTERM), 1):
                with desk.started("serve") as server:
                    server.says("Sportello is running.")
                    await mario.do("messagePost", ticketId=id, body=f"{number}, perhaps missed")
                    await follower.until(lambda it: it.lines[-1:] == ["- TicketSnapshot"])
                    await anna.do("ticketReply", ticketId=id, body=f"{number}, live")
                    await follower.until(lambda it, now=number: len(it.entries) == 2 * now)
                    server.stop(end)
                    assert "Traceback" not in server.err
            with desk.started("serve") as server:
                server.says("Sportello is running.")
                await follower.until(lambda it: it.lines.count("- TicketSnapshot") == 4)
                assert follower.entries == (await log(anna, id))[0][1:]
                admin = await signed_in(http, host, "admin")
                await admin.do("ticketDelete", ticketId=id)
                await follower.until(lambda it: it.lines[-1:] == ["- AccessRevoked"])
                assert await follower.complaint() == ""
                assert follower.process.returncode == 0


async def test_a_line_that_is_cut(site: Site) -> None:
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    id = await opened(mario)
    (_, cursor) = await log(anna, id)
    assert anna.token
    async with (
        relayed(site.host) as (relay, host),
        following(host, anna.token, id, cursor) as follower,
    ):
        for number in range(1, 6):
            await follower.until(lambda it, now=number: it.lines.count("- TicketSnapshot") == now)
            relay.cut()
            for text in ("uno", "due", "tre"):
                await mario.do("messagePost", ticketId=id, body=f"{text} {number}")
        await follower.until(lambda it: it.lines.count("- TicketSnapshot") == 6)
        assert relay.connected == 6
        assert follower.entries == (await log(anna, id))[0][1:]
        assert len(follower.entries) == 15


async def test_what_no_retry_would_mend(site: Site) -> None:
    tool, _ = await program(await site.sign_in("anna"), "CONTACTS_VIEW")
    assert tool.token
    async with relayed(site.host) as (relay, host):
        async with following(host, "made-up", "x") as stranger:
            assert "4401" in await stranger.complaint()
        async with following(host, tool.token, "x") as narrow:
            assert "FORBIDDEN" in await narrow.complaint()
        assert [stranger.process.returncode, narrow.process.returncode] == [1, 1]
        assert relay.connected == 2


async def test_a_session_that_ends(site: Site) -> None:
    """4403, once more with the same token, and then 4401: somebody must sign in."""
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    id = await opened(mario)
    assert anna.token
    async with (
        relayed(site.host) as (relay, host),
        following(host, anna.token, id) as follower,
    ):
        await follower.until(lambda it: it.lines == ["- TicketSnapshot"])
        await anna.run("mutation { signOut { __typename } }")
        assert "4401" in await follower.complaint()
        assert relay.connected == 2
