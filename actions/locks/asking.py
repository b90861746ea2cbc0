"""Asking the holder for the reply lock."""

import json

from actions.guard import ATTEMPTS, Demand, LockRule, take
from actions.locks import columns
from actions.locks.holding import acquire
from actions.refusals import TicketLocked
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.enums import TicketAction
from models.sql import Statement
from models.tickets import LockRequest, Ticket

MOST = 20
"""Requests kept of one lock, the earliest going first: more than that nobody hands over to."""
DEMAND = Demand(TicketAction.REPLY, LockRule.NONE)


async def request(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Ask the holder for the lock; one that is free, or the caller's, is taken as `acquire` does.

    The ticket, whose lock says which of the two happened. Raises NotFound, NotPermitted,
    TicketAlreadyClosed.
    """
    for _ in range(ATTEMPTS):
        try:
            return await acquire(ticket_id, by)
        except TicketLocked:
            asked = await unit_of_work(lambda: _asked(ticket_id, by))
        if asked is not None:
            return asked
    raise TimeoutError(f"the lock of {ticket_id} changed under every one of {ATTEMPTS} attempts")


async def _asked(ticket_id: int, by: OperatorCaller) -> Ticket | None:
    """The ticket with the request in its row; None when there is nobody to ask any more.

    Asked again, it is the session that is new: the holder has been told.
    """
    ticket = await take(by, ticket_id, DEMAND)
    lock = ticket.reply_lock
    if lock is None or lock.operator_id == by.id:
        return None
    before = ticket.lock_requests
    earlier = next((one for one in before if one.operator_id == by.id), None)
    if earlier is not None and earlier.session_id == by.session_id:
        return ticket
    number = earlier.number if earlier is not None else ticket.revision + 1
    mine = LockRequest(by.id, by.session_id, number)
    after = [*(one for one in before if one is not earlier), mine][-MOST:]
    to = Statement()
    theirs = f"lock_holder_id = {to.add(lock.operator_id)}"
    changes = {"lock_asked": json.dumps([one.stored for one in after])}
    asked = await columns.write(ticket_id, theirs, changes, to)
    return asked if asked is not None and asked.locked else None
