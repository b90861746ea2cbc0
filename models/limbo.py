"""Tickets in limbo: no active operator sees them, other than through a right to see all."""

import asyncio
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.conditions import Condition, Every, Some
from models.enums import Level, Right
from models.panel import UNKNOWN, Panel, Unknown
from models.people import Operator
from models.rows import PRESENT
from models.sights import sights_of
from models.sql import Statement, rows

PORTION = 1_000
"""Places judged in one go, some milliseconds: between two, others are served."""


class Place(NamedTuple):
    """What of a ticket decides who sees it: judged once, however many tickets share it."""

    department_id: int | Unknown | None = UNKNOWN
    category_id: int | Unknown | None = UNKNOWN
    level: Level | Unknown = UNKNOWN
    assignee_operator_id: int | Unknown | None = UNKNOWN
    assignee_group_id: int | Unknown | None = UNKNOWN
    creator_id: int | Unknown | None = UNKNOWN


STAGES = (3, 5, 6)
"""How many of its columns are looked at: most places are decided by the first three."""


@dataclass(frozen=True)
class Among(Condition):
    """The ticket's first so many columns of a place are one of these keys."""

    stage: int
    keys: frozenset[str]

    def sql(self, to: Statement) -> str:
        texts = (
            f"t.{name}" if name == "level" else f"COALESCE(t.{name}, 0)"
            for name in Place._fields[: self.stage]
        )
        key = " || ',' || ".join(texts)
        if not to.postgres:
            return to.among(f"({key})", self.keys)
        # In a generic plan, `= ANY` with thousands is gone through from the start for every row.
        return f"({key}) IN (SELECT unnest({to.add(sorted(self.keys))}::text[]))"

    def holds(self, row: Any) -> bool:
        return _key([getattr(row, name) for name in Place._fields[: self.stage]]) in self.keys


async def limbo() -> Condition:
    """Which tickets nobody sees, as of now.

    The places that tickets are in are judged in memory, by the operators' own gates: put into one
    statement, the gates of some hundred operators keep PostgreSQL's planner busy for ever.
    """
    active = [one.id for one in await Operator.filter(active=True)]
    sights = await sights_of(active)
    panel = Panel([one.own_gates() for one in sights if one.has(Right.TICKETS_VIEW)])
    unseen: list[Condition] = []
    within: Condition = PRESENT
    for stage in STAGES:
        lost, open_ = await _sorted_out(stage, within, panel)
        if lost:
            unseen.append(Among(stage, frozenset(lost)))
        if not open_:
            break
        within = Every((PRESENT, Among(stage, frozenset(open_))))
    return Every((PRESENT, Some(tuple(unseen))))


async def _sorted_out(stage: int, within: Condition, panel: Panel) -> tuple[set[str], set[str]]:
    """Keys of the places that nobody sees, and of those where the columns to come decide."""
    lost: set[str] = set()
    open_: set[str] = set()
    for n, values in enumerate(await _places(stage, within)):
        if n % PORTION == PORTION - 1:
            await asyncio.sleep(0)
        verdict = panel.judge(Place(*values))
        if not verdict.perhaps:
            lost.add(_key(values))
        elif not verdict.surely:
            open_.add(_key(values))
    return lost, open_


async def _places(stage: int, within: Condition) -> list[list[Any]]:
    to = Statement()
    columns = ", ".join(f"t.{name}" for name in Place._fields[:stage])
    sql = f"SELECT DISTINCT {columns} FROM ticket t WHERE {within.sql(to)}"
    return [list({**row, "level": Level(row["level"])}.values()) for row in await rows(sql, to)]


def _key(values: list[Any]) -> str:
    """As the statement has it, alike in both databases."""
    return ",".join(str(value or 0) for value in values)
