"""The lock's columns in the ticket's row: the statements that change them.

Whoever gives an operator a lock takes that operator's row first, then tickets in order of id: so no
two can deadlock, and nobody ends up with two locks.
"""

from datetime import datetime, timedelta
from typing import Any

from actions.events import TicketWritten
from actions.refusals import NotFound, TicketAlreadyClosed, TicketLocked
from actions.unit_of_work import record
from models import rows
from models.callers import OperatorCaller
from models.conditions import Is
from models.desk import Desk
from models.sql import Statement, rows as query
from models.tickets import Ticket

NOBODY_ASKED = "[]"
"""Of `lock_asked`, as both databases take it."""
FREE: dict[str, Any] = {
    "lock_holder_id": None,
    "lock_session_id": None,
    "lock_acquired_at": None,
    "lock_expires": None,
    "lock_asked": NOBODY_ASKED,
}


async def lease() -> timedelta:
    """How long a lock lasts unless it is renewed, as set just now."""
    return timedelta(seconds=(await Desk.get(id=1)).lock_lease_s)


async def hold_operator(operator_id: int) -> None:
    """Take the row of whoever is to have a lock."""
    to = Statement()
    sql = f"UPDATE operator SET id = id WHERE id = {to.add(operator_id)} RETURNING id"
    await query(sql, to)


async def held_by(operator_id: int) -> list[int]:
    """Ids of the tickets they hold the lock of, in order."""
    to = Statement()
    sql = f"""
        SELECT id FROM ticket WHERE lock_holder_id = {to.add(operator_id)}
        AND lock_expires > {to.now} ORDER BY id"""
    return [row["id"] for row in await query(sql, to)]


async def free(ticket_id: int, operator_id: int) -> None:
    """End their lock, if it is still theirs."""
    to = Statement()
    await write(ticket_id, f"lock_holder_id = {to.add(operator_id)}", FREE, to)


async def acquired(ticket_id: int, by: OperatorCaller, until: datetime) -> Ticket:
    """The ticket, its lock the caller's now if it was free, expired or theirs.

    Who asked them for it before goes on asking. Raises NotFound, TicketAlreadyClosed, TicketLocked.
    """
    to = Statement()
    me, session = to.add(by.id), to.add(by.session_id)
    mine = f"lock_holder_id = {me} AND lock_expires > {to.now}"
    now = to.now
    sql = f"""
        UPDATE ticket SET
            lock_token = CASE WHEN {mine} AND lock_session_id = {session}
                THEN lock_token ELSE lock_token + 1 END,
            lock_acquired_at = CASE WHEN {mine} THEN lock_acquired_at ELSE {now} END,
            lock_asked = CASE WHEN {mine} THEN lock_asked ELSE '{NOBODY_ASKED}' END,
            lock_holder_id = {me}, lock_session_id = {session}, lock_expires = {to.add(until)},
            revision = revision + 1, written_at = {now}
        WHERE id = {to.add(ticket_id)} AND deleted_at IS NULL AND turn <> 'CLOSED'
          AND (lock_holder_id IS NULL OR lock_holder_id = {me} OR lock_expires <= {to.now})
        RETURNING *, {rows.LOCKED.format(now=to.now)}"""
    held = await rows.load(sql, to)
    if held:
        record(TicketWritten(ticket_id, held[0].seq, held[0].revision))
        return held[0]
    found = await rows.tickets(Is("id", ticket_id))
    ticket = found[0] if found else None
    if ticket is None or ticket.deleted_at is not None:
        raise NotFound
    if ticket.closed:
        raise TicketAlreadyClosed(ticket)
    if ticket.reply_lock is not None:
        raise TicketLocked(ticket.reply_lock)
    return await acquired(ticket_id, by, until)  # it became free in between


async def write(
    ticket_id: int, terms: str, changes: dict[str, Any], to: Statement
) -> Ticket | None:
    """Change lock columns where `terms` hold; the ticket after, or None."""
    assignments = ", ".join(f"{column} = {to.add(value)}" for column, value in changes.items())
    sql = f"""
        UPDATE ticket SET {assignments}, revision = revision + 1, written_at = {to.now}
        WHERE id = {to.add(ticket_id)} AND deleted_at IS NULL AND {terms}
        RETURNING *, {rows.LOCKED.format(now=to.now)}"""
    held = await rows.load(sql, to)
    if not held:
        return None
    record(TicketWritten(ticket_id, held[0].seq, held[0].revision))
    return held[0]
