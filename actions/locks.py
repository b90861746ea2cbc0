"""The reply lock: one operator at a time may answer, by the rules of writing.md."""

from datetime import datetime, timedelta
from typing import Any

from actions.events import TicketWritten
from actions.guard import token_number
from actions.refusals import (
    LockLost,
    NotFound,
    NotPermitted,
    TicketAlreadyClosed,
    TicketLocked,
)
from actions.unit_of_work import record, unit_of_work
from models import rows
from models.callers import OperatorCaller
from models.conditions import Is
from models.desk import Desk
from models.enums import TicketAction
from models.sights import sight_for
from models.sql import Statement, clock, rows as query
from models.tickets import Ticket

RENEWED_AFTER_TYPING = timedelta(minutes=5)
"""An open feed keeps the lock this long after the draft last changed: a forgotten tab must not."""


async def acquire(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Take the lock when it is free, expired or already the caller's.

    Another session of theirs gets a new token, the same session the same. A lock they hold on
    another ticket is given back: one per operator. Raises NotFound, NotPermitted,
    TicketAlreadyClosed, TicketLocked.
    """

    async def do() -> Ticket:
        await _hold_operator(by)
        others = await _held_elsewhere(ticket_id, by)
        await _require(await rows.ticket(by.sight.condition(), ticket_id), by)
        lease = timedelta(seconds=(await Desk.get(id=1)).lock_lease_s)
        ticket: Ticket | None = None
        for id in sorted({*others, ticket_id}):
            if id != ticket_id:
                await _free(id, by.id)
                continue
            ticket = await _acquired(id, by, await clock() + lease)
            await _require(ticket, by)
        if ticket is None:
            raise NotFound
        return ticket

    return await unit_of_work(do)


async def renew(ticket_id: int, token: str, by: OperatorCaller) -> Ticket:
    """Begin the lease anew. Raises NotFound, LockLost."""

    async def do() -> Ticket:
        lease = timedelta(seconds=(await Desk.get(id=1)).lock_lease_s)
        changes = {"lock_expires": await clock() + lease}
        return await _with_token(ticket_id, token, by, changes)

    return await unit_of_work(do)


async def release(ticket_id: int, token: str, by: OperatorCaller) -> Ticket:
    """Give the lock back. Raises NotFound, LockLost."""
    return await unit_of_work(lambda: _with_token(ticket_id, token, by, FREE))


async def leave(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Give back the lock if this operator holds it, whatever the token. Raises NotFound."""

    async def do() -> Ticket:
        ticket = await rows.ticket(by.sight.condition(), ticket_id)
        if ticket is None:
            raise NotFound
        await _free(ticket_id, by.id)
        return ticket

    return await unit_of_work(do)


async def give_back(operator_id: int) -> None:
    """Within a unit of work that holds their row: whatever lock they hold; they work no more."""
    to = Statement()
    sql = f"""
        SELECT id FROM ticket WHERE lock_holder_id = {to.add(operator_id)}
        AND lock_expires > {to.now} ORDER BY id"""
    for row in await query(sql, to):
        await _free(row["id"], operator_id)


async def lapse(ticket_id: int, operator_id: int, token: int) -> None:
    """End a lock whose holder has gone, if it is still that one."""

    async def do() -> None:
        to = Statement()
        terms = (
            f"lock_holder_id = {to.add(operator_id)} AND lock_token = {to.add(token)} "
            "AND lock_holder_id IS NOT NULL"
        )
        await _write(ticket_id, terms, FREE, to)

    await unit_of_work(do)


async def keep(ticket_id: int, operator_id: int, session_id: int) -> None:
    """Renew for an open feed of the holder, as long as the draft changed lately."""

    async def do() -> None:
        to = Statement()
        now = await clock()
        lease = timedelta(seconds=(await Desk.get(id=1)).lock_lease_s)
        terms = f"""
            lock_holder_id = {to.add(operator_id)} AND lock_session_id = {to.add(session_id)}
            AND lock_expires > {to.now}
            AND EXISTS (SELECT 1 FROM draft d WHERE d.ticket_id = ticket.id
                AND d.operator_id = ticket.lock_holder_id AND d.kind = 'REPLY'
                AND d.saved_at > {to.add(now - RENEWED_AFTER_TYPING)})"""
        await _write(ticket_id, terms, {"lock_expires": now + lease}, to)

    await unit_of_work(do)


FREE: dict[str, Any] = {
    "lock_holder_id": None,
    "lock_session_id": None,
    "lock_acquired_at": None,
    "lock_expires": None,
}


async def _require(ticket: Ticket | None, by: OperatorCaller) -> None:
    sight = await sight_for(by)
    if ticket is None or not (sight.active and sight.sees(ticket)):
        raise NotFound
    if not sight.may(TicketAction.REPLY, ticket):
        raise NotPermitted(TicketAction.REPLY)


async def _hold_operator(by: OperatorCaller) -> None:
    """The operator's row first, then tickets in order of id: no two acquisitions can deadlock."""
    to = Statement()
    sql = f"UPDATE operator SET id = id WHERE id = {to.add(by.id)} RETURNING id"
    await query(sql, to)


async def _held_elsewhere(ticket_id: int, by: OperatorCaller) -> list[int]:
    to = Statement()
    sql = f"""
        SELECT id FROM ticket WHERE lock_holder_id = {to.add(by.id)}
        AND lock_expires > {to.now} AND id <> {to.add(ticket_id)}"""
    return [row["id"] for row in await query(sql, to)]


async def _free(ticket_id: int, operator_id: int) -> None:
    to = Statement()
    await _write(ticket_id, f"lock_holder_id = {to.add(operator_id)}", FREE, to)


async def _acquired(ticket_id: int, by: OperatorCaller, until: datetime) -> Ticket:
    to = Statement()
    me, session = to.add(by.id), to.add(by.session_id)
    mine = f"lock_holder_id = {me} AND lock_expires > {to.now}"
    now = to.now
    sql = f"""
        UPDATE ticket SET
            lock_token = CASE WHEN {mine} AND lock_session_id = {session}
                THEN lock_token ELSE lock_token + 1 END,
            lock_acquired_at = CASE WHEN {mine} THEN lock_acquired_at ELSE {now} END,
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
    return await _acquired(ticket_id, by, until)  # it became free in between


async def _with_token(
    ticket_id: int, token: str, by: OperatorCaller, changes: dict[str, Any]
) -> Ticket:
    """Change the lock of a ticket in sight, if the token is current."""
    ticket = await rows.ticket(by.sight.condition(), ticket_id)
    if ticket is None:
        raise NotFound
    to = Statement()
    terms = (
        f"lock_holder_id = {to.add(by.id)} AND lock_token = {to.add(token_number(token))} "
        f"AND lock_expires > {to.now}"
    )
    written = await _write(ticket_id, terms, changes, to)
    if written is not None:
        return written
    now = await rows.ticket(by.sight.condition(), ticket_id)
    if now is None:
        raise NotFound
    raise LockLost(now.reply_lock)


async def _write(
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
