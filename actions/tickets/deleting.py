"""Out of every view and back: soft, by profile right, also for closed tickets."""

from actions.guard import Demand, take
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.enums import SystemEventKind, TicketAction
from models.tickets import Ticket


async def delete(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Delete; a foreign lock forbids it, the caller's own ends.

    Raises NotFound, NotPermitted, TicketLocked.
    """

    async def do() -> Ticket:
        demand = Demand(TicketAction.DELETE, closed_too=True)
        writing = await Writing.on(await take(by, ticket_id, demand), by)
        writing.ticket.deleted_at = writing.at
        writing.free_lock()
        writing.event(SystemEventKind.DELETED)
        await writing.commit("ticket.delete")
        return writing.ticket

    return await unit_of_work(do)


async def restore(ticket_id: int, by: OperatorCaller) -> Ticket:
    """Bring a deleted ticket back. Raises NotFound, NotPermitted."""

    async def do() -> Ticket:
        demand = Demand(TicketAction.DELETE, closed_too=True, deleted=True)
        writing = await Writing.on(await take(by, ticket_id, demand), by)
        writing.ticket.deleted_at = None
        writing.event(SystemEventKind.RESTORED)
        await writing.commit("ticket.restore")
        return writing.ticket

    return await unit_of_work(do)
