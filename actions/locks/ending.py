"""Locks that end without their holder's doing: gone, signed out, shut out, out of sight."""

import structlog
from structlog.typing import FilteringBoundLogger

from actions.locks import columns
from actions.unit_of_work import unit_of_work
from models import rows
from models.enums import TicketAction
from models.sessions import Session
from models.sights import sight_of
from models.sql import Statement, clock, rows as query
from models.tickets import Ticket

log: FilteringBoundLogger = structlog.get_logger()
HOLDING = (TicketAction.REPLY, TicketAction.TAKE_OVER_LOCK)
"""Whoever may do neither has no use for the lock."""


async def give_back(operator_id: int) -> None:
    """Within a unit of work that holds their row: whatever lock they hold; they work no more."""
    for id in await columns.held_by(operator_id):
        await columns.free(id, operator_id)


async def session_over(session_id: int) -> None:
    """Within the unit of work that ends the session: the lock it holds, for its token is lost."""
    to = Statement()
    sql = f"""
        SELECT t.id, t.lock_holder_id AS holder, t.lock_token AS token FROM ticket t
        WHERE t.lock_holder_id = (SELECT operator_id FROM session WHERE id = {to.add(session_id)})
        AND t.lock_session_id = {to.add(session_id)} ORDER BY t.id"""
    for row in await query(sql, to):
        await _end(row["id"], row["holder"], row["token"])


async def lapse(ticket_id: int, operator_id: int, token: int) -> None:
    """End a lock whose holder has gone, if it is still that one."""
    await unit_of_work(lambda: _end(ticket_id, operator_id, token))


async def end_astray() -> None:
    """End every lock whose session has run out, or whose holder may do nothing with it any more.

    Sessions ended and operators shut out have lost theirs with that very change. What this finds
    is what no single change knows of: time, memberships, grants, roles, a ticket that moved.
    """
    held = await rows.locked()
    if not held:
        return
    wanted = [one.lock_session_id for one in held]
    in_force = Session.filter(id__in=wanted, ended_at=None, expires_at__gt=await clock())
    sessions = {one.id: one for one in await in_force}
    for ticket in held:
        why = await _astray(ticket, sessions.get(ticket.lock_session_id or 0))
        if why is not None and ticket.lock_holder_id is not None:
            log.info("lock ended", ticket=ticket.id, operator=ticket.lock_holder_id, why=why)
            await lapse(ticket.id, ticket.lock_holder_id, ticket.lock_token)


async def _astray(ticket: Ticket, session: Session | None) -> str | None:
    if session is None:
        return "session over"
    sight = await sight_of(ticket.lock_holder_id or 0, ticket.rights_version)
    sight = sight.scoped(session.scope())
    if not (sight.active and sight.sees(ticket)):
        return "out of sight"
    return None if any(sight.may(one, ticket) for one in HOLDING) else "right lost"


async def _end(ticket_id: int, operator_id: int, token: int) -> None:
    to = Statement()
    terms = f"lock_holder_id = {to.add(operator_id)} AND lock_token = {to.add(token)}"
    await columns.write(ticket_id, terms, columns.FREE, to)
