"""What follows when a change moves a ticket between sights: assignments cleared, locks ended."""

from actions.tickets.outcome import Moved
from actions.writing import Writing
from models.callers import OperatorCaller
from models.enums import SystemEventKind
from models.hierarchy import OperatorGroup
from models.people import Operator
from models.sights import members_of, sight_for, sight_of, sights_of
from models.tickets import Ticket


async def assignee_name(ticket: Ticket) -> str | None:
    """Who has the ticket, in words; None when nobody."""
    if ticket.assignee_operator_id is not None:
        return (await Operator.get(id=ticket.assignee_operator_id)).name
    if ticket.assignee_group_id is not None:
        return (await OperatorGroup.get(id=ticket.assignee_group_id)).name
    return None


async def unseeing_members(group_id: int, ticket: Ticket) -> tuple[list[int], int]:
    """Ids of the group's active members out of whose sight the ticket is, and how many see it."""
    sights = await sights_of(sorted(await members_of(group_id)))
    active = [sight for sight in sights if sight.active]
    blind = [sight.operator_id for sight in active if not sight.sees(ticket)]
    return blind, len(active) - len(blind)


async def finish(writing: Writing, by: OperatorCaller, kind: str) -> Moved:
    """Clear an assignment that has gone blind, end the actor's lock if they have, and commit."""
    ticket = writing.ticket
    if not await _assignee_sees(ticket):
        name = await assignee_name(ticket)
        ticket.assignee_operator_id = ticket.assignee_group_id = None
        writing.event(SystemEventKind.ASSIGNED, ("assignee", name, None))
    in_sight = (await sight_for(by)).sees(ticket)
    if not in_sight and ticket.lock_holder_id == by.id:
        writing.free_lock()
    await writing.commit(kind)
    return Moved(ticket, in_sight)


async def _assignee_sees(ticket: Ticket) -> bool:
    if ticket.assignee_operator_id is not None:
        return (await sight_of(ticket.assignee_operator_id)).sees(ticket)
    if ticket.assignee_group_id is not None:
        return (await unseeing_members(ticket.assignee_group_id, ticket))[1] > 0
    return True
