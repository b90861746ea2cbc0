"""Taking the reply lock, keeping it, giving it back."""

from datetime import timedelta
from typing import Any

from actions.guard import token_number
from actions.locks import columns
from actions.refusals import LockLost, NotFound, NotPermitted
from actions.unit_of_work import unit_of_work
from models import rows
from models.callers import OperatorCaller
from models.enums import TicketAction
from models.sights import sight_for
from models.sql import Statement, clock
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
        await columns.hold_operator(by.id)
        await _require(await rows.ticket(by.sight.condition(), ticket_id), by)
        lease = await columns.lease()
        ticket: Ticket | None = None
        for id in sorted({*await columns.held_by(by.id), ticket_id}):
            if id != ticket_id:
                await columns.free(id, by.id)
                continue
            ticket = await columns.acquired(id, by, await clock() + lease)
            await _require(ticket, by)
        if ticket is None:
            raise NotFound
        return ticket

    return await unit_of_work(do)


async def renew(ticket_id: int, token: str, by: OperatorCaller) -> Ticket:
    """Begin the lease anew. Raises NotFound, LockLost."""

    async def do() -> Ticket:
        lease = await columns.lease()
        changes = {"lock_expires": await clock() + lease}
        return await _with_token(ticket_id, token, by, changes)

    return await unit_of_work(do)


async def release(ticket_id: int, token: str, by: OperatorCaller) -> Ticket:
    """Give the lock back. Raises NotFound, LockLost."""
    return await unit_of_work(lambda: _with_token(ticket_id, token, by, columns.FREE))


async def leave(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Give back the lock if this operator holds it, whatever the token. Raises NotFound."""

    async def do() -> Ticket:
        ticket = await rows.ticket(by.sight.condition(), ticket_id)
        if ticket is None:
            raise NotFound
        await columns.free(ticket_id, by.id)
        return ticket

    return await unit_of_work(do)


async def keep(ticket_id: int, operator_id: int, session_id: int) -> None:
    """Renew for an open feed of the holder, as long as the draft changed lately."""

    async def do() -> None:
        to = Statement()
        now = await clock()
        lease = await columns.lease()
        terms = f"""
            lock_holder_id = {to.add(operator_id)} AND lock_session_id = {to.add(session_id)}
            AND lock_expires > {to.now}
            AND EXISTS (SELECT 1 FROM draft d WHERE d.ticket_id = ticket.id
                AND d.operator_id = ticket.lock_holder_id AND d.kind = 'REPLY'
                AND d.saved_at > {to.add(now - RENEWED_AFTER_TYPING)})"""
        await columns.write(ticket_id, terms, {"lock_expires": now + lease}, to)

    await unit_of_work(do)


async def _require(ticket: Ticket | None, by: OperatorCaller) -> None:
    sight = await sight_for(by)
    if ticket is None or not (sight.active and sight.sees(ticket)):
        raise NotFound
    if not sight.may(TicketAction.REPLY, ticket):
        raise NotPermitted(TicketAction.REPLY)


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
    written = await columns.write(ticket_id, terms, changes, to)
    if written is not None:
        return written
    now = await rows.ticket(by.sight.condition(), ticket_id)
    if now is None:
        raise NotFound
    raise LockLost(now.reply_lock)
