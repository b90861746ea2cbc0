"""Giving the reply lock to a colleague who asked for it."""

from actions.guard import Demand, take
from actions.locks import columns
from actions.refusals import InvalidInput, NotFound, invalid
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.enums import TicketAction
from models.sessions import Session
from models.sights import sight_of
from models.sql import Statement, clock
from models.tickets import LockRequest, Ticket


async def hand_over(ticket_id: int, token: str, receiver_id: int, by: OperatorCaller) -> Ticket:
    """Give the lock to who asked: to the session that asked, with a new token and lease.

    A lock they hold on another ticket is given back. Raises NotFound, LockLost, InvalidInput when
    they did not ask, or can no longer reply.
    """
    demand = Demand(TicketAction.VIEW, token=token, closed_too=True)

    async def do() -> Ticket:
        await columns.hold_operator(receiver_id)
        given: Ticket | None = None
        for id in sorted({*await columns.held_by(receiver_id), ticket_id}):
            if id != ticket_id:
                await columns.free(id, receiver_id)
                continue
            given = await _given(await take(by, ticket_id, demand), receiver_id)
        if given is None:
            raise NotFound
        return given

    return await unit_of_work(do)


async def _given(ticket: Ticket, receiver_id: int) -> Ticket:
    """The row is held: what it says of who asked stays so."""
    asked = next((one for one in ticket.lock_requests if one.operator_id == receiver_id), None)
    if asked is None:
        raise _refused("Choose a colleague who has asked for this lock.")
    await _require(ticket, asked)
    to, now = Statement(), await clock()
    changes = {
        "lock_holder_id": receiver_id,
        "lock_session_id": asked.session_id,
        "lock_token": ticket.lock_token + 1,
        "lock_acquired_at": now,
        "lock_expires": now + await columns.lease(),
        "lock_asked": columns.NOBODY_ASKED,
    }
    given = await columns.write(ticket.id, "TRUE", changes, to)
    if given is None:
        raise NotFound
    return given


async def _require(ticket: Ticket, asked: LockRequest) -> None:
    """They could take it themselves, where they asked. Raises InvalidInput."""
    session = await Session.get_or_none(
        id=asked.session_id, ended_at=None, expires_at__gt=await clock()
    )
    if session is None:
        raise _refused("Choose another: they have signed out since they asked.")
    sight = (await sight_of(asked.operator_id)).scoped(session.scope())
    may = sight.active and sight.sees(ticket) and sight.may(TicketAction.REPLY, ticket)
    if not may:
        raise _refused("Choose another: they may no longer reply to this ticket.")


def _refused(message: str) -> InvalidInput:
    return invalid("handTo", message)
