"""Tickets in limbo: no active operator sees them, other than through a right to see all."""

from dataclasses import dataclass
from typing import Any

from models.conditions import Condition, Every, IsIn
from models.enums import Level, Right
from models.people import Operator
from models.rows import PRESENT
from models.sights import sights_of
from models.sql import Statement, rows


@dataclass(frozen=True)
class Place:
    """What of a ticket decides who sees it: judged once, however many tickets share it."""

    department_id: int | None
    category_id: int | None
    level: Level
    assignee_operator_id: int | None
    assignee_group_id: int | None
    creator_id: int | None


COLUMNS = tuple(Place.__dataclass_fields__)


async def limbo() -> Condition:
    """Which tickets nobody sees, as of now.

    Every place that tickets are in is judged in memory, by the operators' own gates: put into one
    statement, the gates of some hundred operators keep PostgreSQL's planner busy for ever.
    """
    active = [one.id for one in await Operator.filter(active=True)]
    sights = await sights_of(active)
    gates = [one.own_gates() for one in sights if one.has(Right.TICKETS_VIEW)]
    seen: dict[Place, bool] = {}
    unseen: set[int] = set()
    for id, place in await _places():
        if place not in seen:
            seen[place] = any(gate.holds(place) for gate in gates)
        if not seen[place]:
            unseen.add(id)
    return Every((PRESENT, IsIn("id", frozenset(unseen))))


async def _places() -> list[tuple[int, Place]]:
    to = Statement()
    columns = ", ".join(f"t.{name}" for name in ("id", *COLUMNS))
    sql = f"SELECT {columns} FROM ticket t WHERE {PRESENT.sql(to)}"
    found: list[tuple[int, Place]] = []
    for row in await rows(sql, to):
        values: dict[str, Any] = {name: row[name] for name in COLUMNS}
        values["level"] = Level(row["level"])
        found.append((row["id"], Place(**values)))
    return found
