"""What permissions cost: lists of restricted operators, and limbo, among 100,000 tickets.

Run as `python -m bench.permissions`, against the PostgreSQL of SPORTELLO_TEST_POSTGRES, in a
database of its own. One JSON line per figure; fails when a list reads the whole table of tickets.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, cast

from actions.operators import rights_changed
from actions.unit_of_work import unit_of_work
from bench.large_desk import large_desk
from bench.support.options import Size, sizes
from bench.support.report import figure, progress
from models.callers import OperatorCaller
from models.desk import Desk
from models.enums import TicketSharing
from models.paging import PageRequest
from models.people import Operator
from models.sights import sights_of
from models.sql import connection
from models.tickets import Ticket
from resolvers import lists
from resolvers.filters import AssigneeFilter, TicketFilter

PAGE = PageRequest(first=50)
LATEST = lists.ticket_sort("updated_at", descending=True)
TIMES = 3
"""How often each list is asked for; the median counts."""
FILTERS: dict[str, TicketFilter | None] = {
    "all": None,
    "open": TicketFilter(open=True),
    "mine": TicketFilter(assignee=AssigneeFilter(me=True)),
    "unread": TicketFilter(unread=True, open=True),
    "of five departments": TicketFilter(department_ids=tuple(range(10_003, 10_008))),
}


ENOUGH = 10_000
"""Of fewer tickets PostgreSQL rightly reads them all."""


async def main(tickets: int) -> int:
    """0, or 1 when a list reads the whole table."""
    async with large_desk(tickets) as (everything, restricted):
        some, whole = restricted[::2], list[str]()
        for sharing in (TicketSharing.PUBLIC_WRITE, TicketSharing.PRIVATE):
            await Desk.filter(id=1).update(ticket_sharing=sharing)
            await unit_of_work(rights_changed)
            for name, wanted in FILTERS.items():
                whole += await measured(sharing, name, wanted, everything, some)
            await limbo(sharing, tickets)
        await loading(restricted)
    for one in whole:
        progress(f"reads the whole table: {one}")
    return 1 if whole and tickets >= ENOUGH else 0


# --- what is measured


async def measured(
    sharing: TicketSharing,
    name: str,
    wanted: TicketFilter | None,
    everything: Operator,
    restricted: list[Operator],
) -> list[str]:
    """One figure: the lists of restricted operators; which of them read the whole table."""
    reference = await listed(everything, wanted)
    found = [await listed(one, wanted) for one in restricted]
    times = sorted(one.milliseconds for one in found)
    empty = sum(not one.rows for one in found)
    figure(
        f"permissions: list, {sharing}, {name}",
        median(times) / reference.milliseconds,
        worst_ratio=round(times[-1] / reference.milliseconds, 2),
        view_all_ms=reference.milliseconds,
        restricted_ms={"best": times[0], "median": median(times), "worst": times[-1]},
        planning_ms=median(one.planning for one in found),
        executing_ms={
            "view_all": reference.executing,
            "median": median(one.executing for one in found),
            "worst": max(one.executing for one in found),
        },
        operators=len(found),
        seeing_nothing=empty,
        reads_whole_table=sum(one.reads_all for one in (reference, *found)),
    )
    return [
        f"{sharing}, {name}, operator {who.id}"
        for who, one in zip((everything, *restricted), (reference, *found), strict=True)
        if one.reads_all
    ]


@dataclass(frozen=True)
class Listed:
    """A list as it was answered, and its plan."""

    milliseconds: float
    rows: int
    planning: float
    executing: float
    reads_all: bool


async def listed(who: Operator, wanted: TicketFilter | None) -> Listed:
    """The first fifty by the latest change, timed as the API asks for them, then explained."""
    (sight,) = await sights_of([who.id])
    by = OperatorCaller(who, 0, sight)
    rows: list[Ticket] = []

    async def ask() -> None:
        rows[:] = (await lists.tickets(by, wanted, LATEST, PAGE)).rows

    with Sent() as sent:
        milliseconds = await timed(ask)
    sql, values = next(one for one in sent.statements if "FROM ticket t" in one[0])
    plan = await explained(sql, values)
    return Listed(
        milliseconds,
        len(rows),
        plan["Planning Time"],
        plan["Execution Time"],
        reads_all(plan["Plan"]),
    )


async def limbo(sharing: TicketSharing, tickets: int) -> None:
    """The tickets nobody sees, against counting all; the whole of it, with the judging."""
    total = 0

    async def ask() -> None:
        nonlocal total
        total = await (await lists.tickets_in_limbo(PAGE)).total_count

    async def page() -> None:
        await lists.tickets_in_limbo(PAGE)

    async def bare() -> None:
        await connection().execute_query_dict("SELECT count(*) FROM ticket")

    first, counted, bare_ms = await timed(page), await timed(ask), await timed(bare)
    figure(
        f"permissions: limbo, {sharing}",
        first / bare_ms,
        page_ms=first,
        page_and_count_ms=counted,
        count_all_ms=bare_ms,
        in_limbo=total,
        tickets=tickets,
    )


async def loading(restricted: list[Operator]) -> None:
    """The rules of all operators anew, against those of one."""
    ids = [one.id for one in restricted]

    async def anew(ids: list[int]) -> None:
        await Desk.filter(id=1).update(rights_version=(await Desk.get(id=1)).rights_version + 1)
        await sights_of(ids)

    all_ms, one_ms = await timed(lambda: anew(ids)), await timed(lambda: anew(ids[:1]))
    figure("permissions: rules of all", all_ms / one_ms, all_ms=all_ms, one_ms=one_ms, all=len(ids))


# --- how


async def timed(ask: Callable[[], Awaitable[None]]) -> float:
    """Milliseconds, the median of several; the first time, which warms up, aside."""
    await ask()
    took: list[float] = []
    for _ in range(TIMES):
        start = perf_counter()
        await ask()
        took.append((perf_counter() - start) * 1000)
    return round(median(took), 3)


async def explained(sql: str, values: list[Any]) -> dict[str, Any]:
    """The plan, carried out."""
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}"
    found = await connection().execute_query_dict(explain, values)
    plan = found[0]["QUERY PLAN"]
    return cast("dict[str, Any]", (json.loads(plan) if isinstance(plan, str) else plan)[0])


def reads_all(plan: dict[str, Any]) -> bool:
    """Whether any of its nodes reads the table of tickets from one end to the other."""
    if plan["Node Type"] == "Seq Scan" and plan.get("Relation Name") == "ticket":
        return True
    return any(reads_all(one) for one in plan.get("Plans", ()))


class Sent(logging.Handler):
    """The statements sent meanwhile, with their values."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statements: list[tuple[str, list[Any]]] = []
        self._logger = logging.getLogger("tortoise.db_client")
        self._before = (self._logger.level, self._logger.propagate)

    def __enter__(self) -> "Sent":
        self._logger.addHandler(self)
        self._logger.setLevel(logging.DEBUG)
        self._logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._before[0])
        self._logger.propagate = self._before[1]

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 2:
            sql, values = record.args
            self.statements.append((str(sql), cast("list[Any]", values)))


if __name__ == "__main__":
    given = sizes(__doc__, tickets=Size(100_000, 1_000, "tickets of the desk"))
    sys.exit(asyncio.run(main(**given)))
