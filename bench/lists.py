"""Lists that are pushed: 200 operators in 20 scopes, each with their ticket list open.

Every change of a ticket reaches the ten operators who see it. Timed at full speed; then, with
changes at a steady pace, the processor time of the server for each change delivered, with feeds,
and with the same operators asking for the same list once a second instead.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from bench.support.api import Api
from bench.support.crowd import Crowd, together
from bench.support.options import Size, sizes
from bench.support.processes import ROOT, BenchError
from bench.support.program import run
from bench.support.report import figure, progress, rounded, skipped
from bench.support.sportello import Desk, sportello
from bench.support.targets import in_turn
from bench.support.viewer import Part, Viewer

ROW = """
  id number subject turn priority updatedAt lastEntryNumber
  contact { id name } category { id name } assignee { __typename ... on Node { id } }"""
FEED = f"""
subscription List {{
  ticketListEvents {{
    __typename
    ... on TicketEntered {{ ticket {{ {ROW} }} }}
    ... on TicketUpdated {{ ticket {{ {ROW} }} }}
    ... on TicketLeft {{ ticketId }}
  }}
}}"""
LIST = f"query List {{ tickets(first: 25) {{ edges {{ node {{ {ROW} }} }} }} }}"
WRITERS = 4
SCOPES = 20
NEVER = 2**31
"""No frame is so long: each is read."""
PATIENCE_S = 60


@dataclass
class Screens:
    """The operators' lists, and which tickets each of them shows up to which entry."""

    desk: Desk
    crowd: Crowd
    tickets_of_each: int
    shown: dict[Viewer, dict[str, int]] = field(default_factory=dict[Viewer, dict[str, int]])

    async def show(self, number: int) -> None:
        """Wait until each screen has all its tickets up to this entry."""
        patience = time.monotonic() + PATIENCE_S
        while not all(self._shows(one, number) for one in self.crowd.watching):
            if self.crowd.closed or time.monotonic() > patience:
                raise BenchError(f"a list is not up to date; closed: {self.crowd.closed[:5]}")
            await asyncio.sleep(0.01)

    def _shows(self, viewer: Viewer, number: int) -> bool:
        shown = self.shown.setdefault(viewer, {})
        for frame in viewer.kept:
            if "ticket" in frame:
                shown[frame["ticket"]["id"]] = frame["ticket"]["lastEntryNumber"]
                viewer.deliveries += 1
        viewer.kept.clear()
        return sum(one >= number for one in shown.values()) >= self.tickets_of_each

    @property
    def frames(self) -> int:
        """All that have come with a ticket."""
        return sum(one.deliveries for one in self.crowd.watching)


@dataclass
class Polling:
    """The same operators without feeds: each asks once a second, or as often as it is answered."""

    answers: int = 0

    async def go_on(self, api: Api, begin_s: float) -> None:
        """One of them."""
        await asyncio.sleep(begin_s)
        while True:
            due = time.monotonic() + 1.0
            await api.run(LIST)
            self.answers += 1
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def steadily(apis: Sequence[Api], tickets: list[str], apart_ms: int) -> None:
    """A reply to each ticket, one after the other, at this pace or slower."""
    for place, id in enumerate(tickets):
        due = time.monotonic() + apart_ms / 1000
        await in_turn([apis[place % len(apis)]], [id])
        await asyncio.sleep(max(0.0, due - time.monotonic()))


@asynccontextmanager
async def watched(desk: Desk, tickets: list[str]) -> AsyncGenerator[Screens]:
    """Everybody's feed is in force."""
    crowd = Crowd(desk.port, counted_from=NEVER)
    ask = {"query": FEED}
    try:
        await crowd.open([Part(token, keeps=True, ask=ask) for token in desk.tokens])
        await together([one.live for one in crowd.watching])
        yield Screens(desk, crowd, len(tickets) // len(desk.categories))
    finally:
        crowd.close()


@asynccontextmanager
async def polled(desk: Desk) -> AsyncGenerator[Polling]:
    """Everybody asks, spread over the second."""
    polling = Polling()
    async with AsyncExitStack() as open_ones:
        apis = [
            await open_ones.enter_async_context(desk.operator(n)) for n in range(len(desk.tokens))
        ]
        tasks = [
            asyncio.create_task(polling.go_on(api, place / len(apis)))
            for place, api in enumerate(apis)
        ]
        try:
            await asyncio.sleep(1.0)
            yield polling
        finally:
            for one in tasks:
                one.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for one in outcomes:
        if isinstance(one, BenchError):
            raise one


async def measure(operators: int, tickets: int, apart: int) -> None:
    """Full speed with feeds; then the steady pace without, with feeds, and with polls."""
    async with (
        sportello("postgres", operators, min(SCOPES, operators)) as desk,
        AsyncExitStack() as open_ones,
    ):
        apis = [await open_ones.enter_async_context(desk.chief()) for _ in range(WRITERS)]
        opened = await desk.tickets(tickets)
        watchers = operators // len(desk.categories)
        cpu: dict[str, float] = {}
        progress("nobody watches")
        begun = desk.process.cpu_s
        await steadily(apis, opened, apart)
        cpu["nobody"] = desk.process.cpu_s - begun
        progress(f"{operators} feeds")
        async with watched(desk, opened) as screens:
            before, begun_at = screens.frames, time.perf_counter()
            await in_turn(apis, opened)
            await screens.show(3)
            seconds = time.perf_counter() - begun_at
            frames = screens.frames - before
            begun = desk.process.cpu_s
            await steadily(apis, opened, apart)
            await screens.show(4)
            cpu["feeds"] = desk.process.cpu_s - begun
        progress(f"{operators} operators ask once a second")
        async with polled(desk) as polling:
            asked, begun, begun_at = polling.answers, desk.process.cpu_s, time.perf_counter()
            await steadily(apis, opened, apart)
            cpu["polls"] = desk.process.cpu_s - begun
            polls = polling.answers - asked
            polled_s = time.perf_counter() - begun_at
    deliveries = tickets * watchers
    costs = {
        way: max(cpu[way] - cpu["nobody"], 0.001) * 1000 / deliveries for way in ("feeds", "polls")
    }
    figure(
        "list_feeds_vs_polls",
        costs["polls"] / costs["feeds"],
        feed_cpu_ms_per_delivery=rounded(costs["feeds"]),
        poll_cpu_ms_per_delivery=rounded(costs["polls"]),
        changes_per_s=rounded(tickets / seconds),
        frames_per_s=rounded(frames / seconds),
        polls_per_s=rounded(polls / polled_s),
        polls_wanted_per_s=operators,
        operators=operators,
        scopes=len(desk.categories),
        changes=tickets,
        cpu_s={way: rounded(spent) for way, spent in cpu.items()},
        database="postgres",
    )


def main() -> None:
    given = sizes(
        __doc__,
        operators=Size(200, 8, "operators, in twenty scopes"),
        tickets=Size(200, 16, "tickets, each changed once in a round"),
        apart=Size(80, 10, "milliseconds between changes at the steady pace"),
    )
    if "ticketListEvents" not in (ROOT / "schema" / "desk.graphql").read_text():
        skipped("list_feeds_vs_polls", "the schema has no ticketListEvents yet")
        return
    run(measure(**given))


if __name__ == "__main__":
    main()
