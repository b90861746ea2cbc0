"""What lists ask the database: rows that changed, and who is in a list, compactly."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from models.conditions import Condition
from models.counting import NAMES, counting, kinds
from models.rows import LOCKED, VERSIONED, VERSIONS as COLUMNS
from models.sql import Statement, instances, rows
from models.tickets import Ticket
from realtime.log import VERSIONS

SLICE = 10_000
"""Numbers read from one text before others have their turn."""
DECIDED_AT_ONCE = 50
"""Conditions that one statement decides."""


@dataclass(frozen=True)
class State:
    """The desk as it was when something was read, in the same statement."""

    version: int
    """Of rights."""
    epoch: str
    sessions: int = field(compare=False)
    """The version of sessions: who may be told, not what."""

    @property
    def memo(self) -> dict[str, Any]:
        """Of frames that tell what was read with it."""
        return {VERSIONS: (self.version, self.sessions)}


async def loaded(ids: Collection[int]) -> tuple[dict[int, Ticket], State]:
    """The rows, deleted ones too, and the state they are to be judged by."""
    to = Statement()
    sql = f"""
        SELECT t.*, {LOCKED.format(now=to.now)}, {COLUMNS}, d.epoch AS epoch
        FROM ticket t, {VERSIONED} WHERE {to.among("t.id", ids)}"""
    extra = ("locked", "rights_version", "sessions_version", "epoch")
    found: list[Any] = await instances(Ticket, sql, to, extra) if ids else []
    for ticket in found:
        ticket.locked = bool(ticket.locked)
    if not found:
        return {}, await state()
    first = found[0]
    now = State(first.rights_version, first.epoch, first.sessions_version)
    return {one.id: one for one in found}, now


async def state() -> State:
    """The desk's."""
    sql = f"SELECT {COLUMNS}, d.epoch AS epoch FROM {VERSIONED}"
    (desk,) = await rows(sql, Statement())
    return State(desk["rights_version"], desk["epoch"], desk["sessions_version"])


async def numbers_of(condition: Condition) -> AsyncGenerator[list[int]]:
    """The ids of all tickets that fulfil the condition, in one statement, a slice at a time."""
    to = Statement()
    sql = f"SELECT {_gathered(to)} AS ids FROM ticket t WHERE {condition.sql(to)}"
    (found,) = await rows(sql, to)
    async for numbers in _sliced(found["ids"]):
        yield numbers


Counted = tuple[int | None, tuple[int, ...]]
"""A department, and for each of NAMES whether the ticket counts as it (0 or 1)."""


async def counted(
    condition: Condition, today: datetime
) -> AsyncGenerator[tuple[Counted, list[int]]]:
    """The tickets that count, by what they count as."""
    to = Statement()
    flags = ", ".join(
        f"CASE WHEN {kind.sql(to)} THEN 1 ELSE 0 END AS {name}"
        for name, kind in zip(NAMES, kinds(today), strict=True)
    )
    sql = f"""
        SELECT department_id, {", ".join(NAMES)}, {_gathered(to)} AS ids
        FROM (SELECT t.id, t.department_id, {flags} FROM ticket t
            WHERE {condition.sql(to)} AND {counting(today).sql(to)}) t
        GROUP BY department_id, {", ".join(NAMES)}"""
    for row in await rows(sql, to):
        key = (row["department_id"], tuple(row[name] for name in NAMES))
        async for numbers in _sliced(row["ids"]):
            yield key, numbers


FACE = (
    "turn", "subject", "closed_at", "visible_at", "visible_seq", "rated_positive",
    "rating_comment", "rated_at",
)  # fmt: skip
"""What of a ticket a contact can see change."""
Face = tuple[object, ...]


def face(ticket: Ticket) -> Face:
    """The same of a row."""
    return tuple(getattr(ticket, name) for name in FACE)


async def faces(condition: Condition) -> dict[int, Face]:
    """By ticket, of all that fulfil the condition."""
    to = Statement()
    columns = ", ".join(f"t.{name}" for name in ("id", *FACE))
    sql = f"SELECT {columns} FROM ticket t WHERE {condition.sql(to)}"
    return {one.id: face(one) for one in await instances(Ticket, sql, to)}


async def fulfilled(asked: Sequence[tuple[Condition, Collection[int]]]) -> list[set[int]]:
    """For each condition, which of these tickets fulfil it; one statement for fifty."""
    answers: list[set[int]] = [set() for _ in asked]
    for begin in range(0, len(asked), DECIDED_AT_ONCE):
        to = Statement()
        parts = [
            f"SELECT {begin + place} AS place, t.id FROM ticket t "
            f"WHERE {to.among('t.id', ids)} AND {condition.sql(to)}"
            for place, (condition, ids) in enumerate(asked[begin : begin + DECIDED_AT_ONCE])
        ]
        for row in await rows(" UNION ALL ".join(parts), to):
            place: int = row["place"]
            answers[place].add(row["id"])
    return answers


async def locks_in_force() -> list[tuple[int, datetime]]:
    """Tickets whose lock will end without a write unless it is renewed, and when."""
    to = Statement()
    sql = f"""
        SELECT t.id, t.lock_expires FROM ticket t
        WHERE t.lock_holder_id IS NOT NULL AND t.lock_expires > {to.now}"""
    return [(one.id, one.lock_expires) for one in await _parts(sql, to)]


async def written_since(at: datetime) -> list[tuple[int, int, datetime]]:
    """Id, revision and time of every ticket written later."""
    to = Statement()
    sql = f"SELECT t.id, t.revision, t.written_at FROM ticket t WHERE t.written_at > {to.add(at)}"
    return [(one.id, one.revision, one.written_at or at) for one in await _parts(sql, to)]


async def _parts(sql: str, to: Statement) -> list[Any]:
    """Rows of a few columns, with times as times whatever the database."""
    found: list[Any] = list(await instances(Ticket, sql, to))
    return found


def _gathered(to: Statement) -> str:
    return "string_agg(t.id::text, ',')" if to.postgres else "group_concat(t.id, ',')"


async def _sliced(text: str | None) -> AsyncGenerator[list[int]]:
    left: Iterable[str] = iter((text or "").split(",") if text else ())
    while numbers := [int(one) for one in islice(left, SLICE)]:
        yield numbers
        await asyncio.sleep(0)
