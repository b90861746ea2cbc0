"""Taking the reply lock from whoever holds it: by right, and in the timeline."""

from actions.guard import Demand, LockRule, find, take
from actions.locks import columns
from actions.refusals import InvalidInput, NotFound
from actions.texts import check_remark, remark
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.enums import SystemEventKind, TicketAction
from models.people import Operator
from models.sql import clock
from models.tickets import ReplyLock, Ticket

DEMAND = Demand(TicketAction.TAKE_OVER_LOCK, LockRule.NONE)


async def take_over(ticket_id: int, reason: str | None, by: OperatorCaller) -> Ticket:
    """Take the lock, held by another or not; a lock held elsewhere is given back.

    From another it leaves an event, with the reason; a free lock, or one's own, is but acquired.
    Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed.
    """

    async def check(_ticket: Ticket) -> None:
        errors = check_remark(reason, "reason")
        if errors:
            raise InvalidInput(*errors)

    async def do() -> Ticket:
        await columns.hold_operator(by.id)
        await check(await find(by, ticket_id, DEMAND))
        ticket: Ticket | None = None
        for id in sorted({*await columns.held_by(by.id), ticket_id}):
            if id != ticket_id:
                await columns.free(id, by.id)
                continue
            ticket = await take(by, id, DEMAND)
            lock = ticket.reply_lock
            if lock is None or lock.operator_id == by.id:
                ticket = await columns.acquired(id, by, await clock() + await columns.lease())
            else:
                await _taken(ticket, lock, reason, by)
        if ticket is None:
            raise NotFound
        return ticket

    return await unit_of_work(do)


async def _taken(ticket: Ticket, lock: ReplyLock, reason: str | None, by: OperatorCaller) -> None:
    """Lock and event in the one statement of the row held."""
    writing = await Writing.on(ticket, by)
    holder = await Operator.get(id=lock.operator_id)
    writing.give_lock(by.id, by.session_id, writing.at + await columns.lease())
    change = ("lock", holder.name, by.operator.name)
    writing.event(SystemEventKind.LOCK_TAKEN_OVER, change, note=remark(reason))
    await writing.commit("ticket.take_over_lock")
