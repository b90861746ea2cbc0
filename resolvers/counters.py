"""How many tickets wait for whom: over a filter, and per department; one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.callers import OperatorCaller
from models.conditions import Every
from models.sql import Statement, clock, rows
from resolvers.filters import TicketFilter, condition_of


@dataclass(frozen=True)
class Counts:
    """Of a set of tickets."""

    new: int
    operator_turn: int
    contact_turn: int
    closed_today: int


@dataclass(frozen=True)
class DepartmentCounts(Counts):
    """Of one department's tickets."""

    department_id: int


@dataclass(frozen=True)
class TicketCounters(Counts):
    """Of all, and of each department that has any."""

    by_department: list[DepartmentCounts]


NAMES = ("new", "operator_turn", "contact_turn", "closed_today")


async def counters(by: OperatorCaller, wanted: TicketFilter | None) -> TicketCounters:
    """Tickets in sight that fulfil the filter; "today" began at the operator's midnight."""
    condition = Every((by.condition, await condition_of(wanted, by)))
    today = midnight(await clock(), by.operator.time_zone)
    to = Statement()
    sql = f"""
        SELECT t.department_id,
            SUM(CASE WHEN t.turn = 'OPERATOR' AND t.last_operator_reply_at IS NULL
                THEN 1 ELSE 0 END) AS new,
            SUM(CASE WHEN t.turn = 'OPERATOR' THEN 1 ELSE 0 END) AS operator_turn,
            SUM(CASE WHEN t.turn = 'CONTACT' THEN 1 ELSE 0 END) AS contact_turn,
            SUM(CASE WHEN t.closed_at >= {to.add(today)} THEN 1 ELSE 0 END) AS closed_today
        FROM ticket t WHERE {condition.sql(to)}
        GROUP BY t.department_id ORDER BY t.department_id"""
    found = await rows(sql, to)
    departments = [
        DepartmentCounts(**_counts([row]), department_id=row["department_id"])
        for row in found
        if row["department_id"] is not None
    ]
    return TicketCounters(**_counts(found), by_department=departments)


def _counts(found: Iterable[dict[str, Any]]) -> dict[str, int]:
    listed = list(found)
    return {name: sum(row[name] for row in listed) for name in NAMES}


def midnight(now: datetime, time_zone: str) -> datetime:
    """When the day began, in UTC, where clocks show this IANA time zone."""
    here = now.astimezone(ZoneInfo(time_zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
