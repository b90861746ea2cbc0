"""What a desk counts: which tickets count as what, in SQL and in memory, and when a day begins."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from models.conditions import Condition, Every, Is, IsIn, Some, Within
from models.enums import Turn

NEW = Every((Is("turn", Turn.OPERATOR), Is("last_operator_reply_at", None)))
"""The operator's turn, and no reply yet."""
OPERATOR_TURN = Is("turn", Turn.OPERATOR)
CONTACT_TURN = Is("turn", Turn.CONTACT)
OPEN = IsIn("turn", frozenset({Turn.OPERATOR, Turn.CONTACT}))
"""Not closed."""
NAMES = ("new", "operator_turn", "contact_turn", "closed_today")


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
    """Of all, and of each department that has any of them."""

    by_department: list[DepartmentCounts]


def kinds(today: datetime) -> tuple[Condition, ...]:
    """What a ticket may count as, in the order of NAMES; the day began at `today`."""
    return (NEW, OPERATOR_TURN, CONTACT_TURN, Within("closed_at", today, None))


def counting(today: datetime) -> Condition:
    """Whether it counts at all: what was closed before today does not.

    It is all kinds together, said so that indexes of `turn` and `closed_at` find the few that count
    among all there ever were.
    """
    return Some((OPEN, Within("closed_at", today, None)))


def midnight(now: datetime, time_zone: str) -> datetime:
    """When the day began, in UTC, where clocks show this IANA time zone."""
    here = now.astimezone(ZoneInfo(time_zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def next_midnight(now: datetime, time_zone: str) -> datetime:
    """When the next one begins: after 23, 24 or 25 hours."""
    here = now.astimezone(ZoneInfo(time_zone)) + timedelta(days=1)  # by the wall's clock
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def summed(counts: dict[int | None, tuple[int, ...]]) -> TicketCounters:
    """Numbers in the order of NAMES, by department (None: of none), as counters."""
    departments = [
        DepartmentCounts(*numbers, department_id=id)
        for id, numbers in sorted(counts.items(), key=lambda one: one[0] or 0)
        if id is not None and any(numbers)
    ]
    totals = [sum(numbers) for numbers in zip(*counts.values(), strict=True)]
    return TicketCounters(*(totals or [0] * len(NAMES)), by_department=departments)
