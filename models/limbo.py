"""Tickets in limbo: no active operator sees them, other than through a right to see all."""

import asyncio
from dataclasses import dataclass
from typing import Any, NamedTuple

from models.conditions import Condition, Every
from models.enums import Level, Right
from models.panel import Panel
from models.people import Operator
from models.rows import PRESENT
from models.sights import sights_of
from models.sql import Statement, rows

PORTION = 1_000
"""Places judged in one go, some milliseconds: between two, others are served."""


class Place(NamedTuple):
    """What of a ticket decides who sees it: judged once, however many tickets share it."""

    department_id: int | None
    category_id: int | None
    level: Level
    assignee_operator_id: int | None
    assignee_group_id: int | None
    creator_id: int | None

    def key(self) -> str:
        """As `KEY` has it."""
        return ",".join(str(value or 0) for value in self)


COLUMNS = Place._fields
KEY = " || ',' || ".join(
    "t.level" if name == "level" else f"COALESCE(t.{name}, 0)" for name in COLUMNS
)
"""A ticket's place as text, alike in both databases."""


@dataclass(frozen=True)
class Among(Condition):
    """The ticket is in one of these places."""

    places: frozenset[str]

    def sql(self, to: Statement) -> str:
        return to.among(f"({KEY})", self.places)

    def holds(self, row: Any) -> bool:
        return Place(*(getattr(row, name) for name in COLUMNS)).key() in self.places


async def limbo() -> Condition:
    """Which tickets nobody sees, as of now.

    Every place that tickets are in is judged in memory, by the operators' own gates: put into one
    statement, the gates of some hundred operators keep PostgreSQL's planner busy for ever.
    """
    active = [one.id for one in await Operator.filter(active=True)]
    sights = await sights_of(active)
    panel = Panel([one.own_gates() for one in sights if one.has(Right.TICKETS_VIEW)])
    unseen: set[str] = set()
    for n, place in enumerate(await _places()):
        if n % PORTION == PORTION - 1:
            await asyncio.sleep(0)
        if not panel.any_holds(place):
            unseen.add(place.key())
    return Every((PRESENT, Among(frozenset(unseen))))


async def _places() -> list[Place]:
    to = Statement()
    columns = ", ".join(f"t.{name}" for name in COLUMNS)
    sql = f"SELECT DISTINCT {columns} FROM ticket t WHERE {PRESENT.sql(to)}"
    return [Place(*row.values())._replace(level=Level(row["level"])) for row in await rows(sql, to)]
