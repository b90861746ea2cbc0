"""Two tickets of one contact become one conversation; posts stay where they are."""

from actions.guard import Demand, find, take
from actions.refusals import invalid
from actions.tickets.requests import Merge
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.enums import SystemEventKind, TicketAction
from models.tickets import Ticket


async def merge(request: Merge, by: OperatorCaller) -> Ticket:
    """Close the one into the other and return the other; rows are taken in order of id.

    Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed, LockLost, TicketLocked (for
    either).
    """
    demands = {
        request.into_id: Demand(TicketAction.MERGE),
        request.ticket_id: Demand(TicketAction.MERGE, token=request.lock_token),
    }

    async def do() -> Ticket:
        contacts = {(await find(by, id, demand)).contact_id for id, demand in demands.items()}
        if request.ticket_id == request.into_id:
            raise invalid("intoId", "Choose another ticket: one cannot be merged into itself.")
        if len(contacts) > 1:
            raise invalid("intoId", "Choose a ticket of the same contact.")
        held = {id: await take(by, id, demands[id]) for id in sorted(demands)}
        await _close_into(held[request.ticket_id], held[request.into_id], by)
        return held[request.into_id]

    return await unit_of_work(do)


async def _close_into(source: Ticket, target: Ticket, by: OperatorCaller) -> None:
    turn_before = target.turn
    if _last_post(source) > _last_post(target):
        target.turn = source.turn
    leaving = await Writing.on(source, by)
    leaving.end()
    source.merged_into_id = target.id
    leaving.event(SystemEventKind.MERGED, ("mergedInto", None, f"#{target.id} {target.subject}"))
    await leaving.commit("ticket.merge", into=target.id)
    joined = await Writing.on(target, by)
    if target.turn is not turn_before:
        target.visible_at = joined.at
    joined.event(SystemEventKind.MERGED, ("merged", None, f"#{source.id} {source.subject}"))
    await joined.commit("ticket.merge", merged=source.id)


def _last_post(ticket: Ticket) -> float:
    return ticket.last_post_at.timestamp() if ticket.last_post_at else 0.0
