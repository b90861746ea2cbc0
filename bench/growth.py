"""Growth: a desk of a million posts in 100,000 tickets, against one of a hundredth of that.

Both run side by side on PostgreSQL, and are asked in turn; a ratio says how many times as long the
large one takes. Asked by an operator who sees one ticket in twenty.
"""

import importlib
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.reconnect import RESUME
from bench.support.api import Api
from bench.support.archive import COMMON, FIRST_ID, RARE, Archive, fill
from bench.support.crowd import Crowd, together
from bench.support.databases import fresh, plain
from bench.support.options import Size, sizes
from bench.support.processes import BenchError
from bench.support.program import run
from bench.support.report import figure, progress, rounded
from bench.support.sportello import Desk, peopled, serving
from bench.support.targets import in_turn
from bench.support.viewer import Part
from realtime.cursors import Cursor, Position
from resolvers.ids import encode

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

GOAL = 2.0
SCOPES = 20
MISSED = 900
NEVER = 2**31
"""No frame is so long: each is read."""
ROW = """
  id number subject turn priority updatedAt lastEntryNumber
  contact { id name } category { id name } assignee { __typename ... on Node { id } }"""
LIST = f"""query List($filter: TicketFilter, $first: Int) {{
  tickets(filter: $filter, first: $first) {{ edges {{ node {{ {ROW} }} }} }}
}}"""
TIMELINE = """query Page($id: ID!) {
  ticket(id: $id) {
    id subject turn
    timeline(last: 50) { edges { node {
      id number createdAt turnAfter
      author { __typename ... on Operator { name } ... on Contact { name } }
      ... on Post { bodyText attachments { id name size } }
    } } }
  }
}"""
COUNTERS = "{ ticketCounters { new operatorTurn contactTurn closedToday } }"
Ask = Callable[["Asked"], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """A desk, and an operator's program that asks it."""

    desk: Desk
    api: Api
    cursor: str
    """Of the long ticket, as it was some time ago."""

    @property
    def long_ticket(self) -> str:
        return encode("Ticket", FIRST_ID)

    async def list(self, first: int, **filter: object) -> None:
        """The first so many: both desks have them, or it would be the answers that grow."""
        found = (await self.api.run(LIST, filter=filter, first=first))["tickets"]["edges"]
        if not found:
            raise BenchError(f"nothing found: {filter}")

    async def timeline(self) -> None:
        """The last fifty entries of the long ticket."""
        found = (await self.api.run(TIMELINE, id=self.long_ticket))["ticket"]
        if len(found["timeline"]["edges"]) != 50:
            raise BenchError("the timeline is not as long as it should be")

    async def counters(self) -> None:
        """How many wait for whom."""
        await self.api.run(COUNTERS)

    async def resume(self) -> None:
        """The feed of the long ticket: all that was missed, then live."""
        crowd = Crowd(self.desk.port, counted_from=NEVER)
        asks = {"query": RESUME, "variables": {"id": self.long_ticket, "after": self.cursor}}
        part = Part(self.desk.tokens[0], keeps=True, ask=asks, live_when="TicketSnapshot")
        await crowd.open([part])
        await together([one.live for one in crowd.watching])
        (kept,) = crowd.kept("EntryAdded")
        crowd.close()
        if len(kept) != MISSED:
            raise BenchError(f"{len(kept)} entries were replayed instead of {MISSED}")


QUESTIONS: dict[str, Ask] = {
    "growth_ticket_list": lambda asked: asked.list(50),
    "growth_open_tickets": lambda asked: asked.list(10, open=True),
    "growth_timeline": Asked.timeline,
    "growth_search": lambda asked: asked.list(10, search=RARE),
    "growth_search_common": lambda asked: asked.list(25, search=COMMON),
    "growth_counters": Asked.counters,
    "growth_resume": Asked.resume,
}
SELDOM = {"growth_resume": 5}
"""What takes long is asked so many times less often."""


async def opened(open_ones: AsyncExitStack, archive: Archive) -> Asked:
    """A desk with this archive, served anew once it is full."""
    url = await open_ones.enter_async_context(fresh("postgres"))
    people = await peopled(url, SCOPES, SCOPES)
    async with serving(url, people) as desk, desk.chief() as chief:
        await in_turn([chief], await desk.tickets(SCOPES))
    progress(f"{archive.posts:,} posts in {archive.tickets:,} tickets")
    await fill(url, archive, datetime.now(UTC))
    desk = await open_ones.enter_async_context(serving(url, people))
    connection = await asyncpg.connect(plain(url))
    epoch: str = await connection.fetchval("SELECT epoch FROM desk")
    await connection.close()
    stood = archive.long_posts - MISSED
    cursor = Cursor(epoch, FIRST_ID, Position(stood, stood)).encode()
    return Asked(desk, await open_ones.enter_async_context(desk.operator(0)), cursor)


async def milliseconds(ask: Ask, asked: Asked) -> float:
    begun = time.perf_counter()
    await ask(asked)
    return (time.perf_counter() - begun) * 1000


async def measure(tickets: int, long_ticket: int, times: int) -> None:
    """Fill both, and ask both in turn."""
    async with AsyncExitStack() as open_ones:
        small = await opened(open_ones, Archive(max(40, tickets // 100), MISSED + 100))
        large = await opened(open_ones, Archive(tickets, long_ticket))
        for name, ask in QUESTIONS.items():
            took: dict[str, list[float]] = {"large": [], "small": []}
            for _ in range(max(1, times // SELDOM.get(name, 1)) + 1):
                took["small"].append(await milliseconds(ask, small))
                took["large"].append(await milliseconds(ask, large))
            medians = {size: statistics.median(all_[1:]) for size, all_ in took.items()}
            progress(f"{name}: {medians['large']:.1f} ms, {medians['small']:.1f} ms")
            figure(
                name,
                medians["large"] / medians["small"],
                goal=GOAL,
                best_ratio=rounded(min(took["large"]) / min(took["small"])),
                large_ms=rounded(medians["large"]),
                small_ms=rounded(medians["small"]),
                large_best_ms=rounded(min(took["large"])),
                small_best_ms=rounded(min(took["small"])),
                tickets=tickets,
                times=len(took["large"]) - 1,
            )


def main() -> None:
    given = sizes(
        __doc__,
        tickets=Size(100_000, 400, "tickets of the large desk, with ten posts each"),
        long_ticket=Size(10_000, 1_200, "entries of its one long ticket"),
        times=Size(25, 2, "how often each question is asked"),
    )
    run(measure(**given))


if __name__ == "__main__":
    main()
