"""docs/clients/feed.py against a server that is restarted, killed, and cut off: entries = log."""

import ast
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.administration.staff import program
from tests.app.program import ROOT, Program
from tests.support.example_b import PASSWORD
from tests.support.live import PATIENCE_S
from tests.support.relay import relayed
from tests.support.site import CLIENT, DESK, SIGN_IN, Client, Site, category

GRAPHQL_WS = Subprotocol("graphql-transport-ws")
EXAMPLES = ROOT / "docs" / "clients"
FEED = EXAMPLES / "feed.py"
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
                frame = json.loads(line)
                entry = frame.get("entry")
                self.lines.append(told(entry) if entry else f"- {frame['__typename']}")

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
    """The entries as they are told here, and the cursor after them."""
    ticket: dict[str, Any] = (await by.run(LOG, id=id))["ticket"]
    nodes = [edge["node"] for edge in ticket["timeline"]["edges"]]
    return [told(one) for one in nodes], ticket["feedCursor"]


def told(entry: dict[str, Any]) -> str:
    """An entry, in a line."""
    return f"{entry['number']} {entry['__typename']}: {entry.get('bodyText') or entry.get('kind')}"


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


async def test_what_a_server_says_seldom() -> None:
    """Wait for a while; a frame that failed; an end without a word: it asks again, from there."""
    entry = {"number": 1, "__typename": "InternalNote"}
    shown = {"__typename": "EntryAdded", "cursor": "first", "entry": entry}
    revoked = {"__typename": "AccessRevoked"}
    answers: list[list[dict[str, Any]]] = [
        [{"type": "error", "payload": [{"message": "", "extensions": {"retryAfter": 0.01}}]}],
        [framed(shown), {"type": "next", "payload": {"data": None, "errors": []}}],
        [{"type": "complete"}],
        [framed(revoked), {"type": "complete"}],
    ]
    asked: list[str | None] = []

    async def answer(socket: ServerConnection) -> None:
        assert json.loads(await socket.recv())["payload"] == {"authorization": "Bearer a-token"}
        await socket.send('{"type": "connection_ack"}')
        subscribe = json.loads(await socket.recv())
        asked.append(subscribe["payload"]["variables"]["after"])
        for one in answers[len(asked) - 1]:
            await socket.send(json.dumps(one))
        await socket.wait_closed()

    async with serve(answer, "127.0.0.1", 0, subprotocols=[GRAPHQL_WS]) as server:
        host, port = next(iter(server.sockets)).getsockname()
        async with following(f"{host}:{port}", "a-token", "x") as follower:
            await follower.until(lambda it: it.lines[-1:] == ["- AccessRevoked"])
            assert await follower.complaint() == ""
    assert asked == [None, None, "first", "first"]


def framed(frame: dict[str, Any]) -> dict[str, Any]:
    """As a message of the protocol."""
    return {"type": "next", "payload": {"data": {"ticketEvents": frame}}}


def test_they_are_short() -> None:
    """Forty lines without comments: who reads them learns the protocol, not a program."""
    text = FEED.read_text()
    docstrings = sum(
        len((ast.get_docstring(node, clean=False) or "").splitlines())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef)
    )
    assert len(written(text, "#")) - docstrings <= 40
    for name in ("feed.mjs", "events.mjs"):
        assert len(written((EXAMPLES / name).read_text(), "//")) <= 40


def written(text: str, comment: str) -> list[str]:
    """The lines that are neither blank nor a comment."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(comment)]
