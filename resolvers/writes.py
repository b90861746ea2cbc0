"""What operators do to tickets: who asks, then the action."""

from actions import drafts, locks, read_marks, tickets
from actions.drafts import SaveDraft
from actions.tickets import Assigned, Moved, Posted, requests
from models import rows
from models.drafts import Draft
from models.enums import DraftKind
from models.tickets import Ticket
from resolvers.context import Context
from resolvers.refusals import NotFound
from resolvers.rules import require_person

__all__ = ["Assigned", "Moved", "Posted", "SaveDraft", "requests"]


async def open_ticket(context: Context, request: requests.Open) -> Posted:
    return await tickets.open_for(request, by=await context.operator())


async def reply(context: Context, request: requests.Reply) -> Posted:
    return await tickets.reply(request, by=await context.operator())


async def resend_reply(context: Context, ticket_id: int, number: int) -> Posted:
    return await tickets.resend(ticket_id, number, by=await context.operator())


async def add_note(context: Context, request: requests.AddNote) -> Posted:
    return await tickets.add_note(request, by=await context.operator())


async def close(context: Context, request: requests.Close) -> Posted:
    return await tickets.close(request, by=await context.operator())


async def change_category(context: Context, request: requests.ChangeCategory) -> Moved:
    return await tickets.change_category(request, by=await context.operator())


async def change_level(context: Context, request: requests.ChangeLevel) -> Moved:
    return await tickets.change_level(request, by=await context.operator())


async def transfer(context: Context, request: requests.Transfer) -> Moved:
    return await tickets.transfer(request, by=await context.operator())


async def assign(context: Context, request: requests.Assign) -> Assigned:
    return await tickets.assign(request, by=await context.operator())


async def update(context: Context, request: requests.Update) -> Ticket:
    return await tickets.update(request, by=await context.operator())


async def merge(context: Context, request: requests.Merge) -> Ticket:
    return await tickets.merge(request, by=await context.operator())


async def delete(context: Context, ticket_id: int) -> Ticket:
    return await tickets.delete(ticket_id, by=await context.operator())


async def restore(context: Context, ticket_id: int) -> Ticket:
    return await tickets.restore(ticket_id, by=await context.operator())


async def take_next(context: Context, department_id: int | None) -> Ticket:
    return await tickets.take_next(department_id, by=await context.operator())


async def acquire_lock(context: Context, ticket_id: int) -> Ticket:
    return await locks.acquire(ticket_id, by=await context.operator())


async def renew_lock(context: Context, ticket_id: int, token: str) -> Ticket:
    return await locks.renew(ticket_id, token, by=await context.operator())


async def release_lock(context: Context, ticket_id: int, token: str, hand_to: int | None) -> Ticket:
    by = await context.operator()
    if hand_to is None:
        return await locks.release(ticket_id, token, by=by)
    return await locks.hand_over(ticket_id, token, hand_to, by=by)


async def take_over_lock(context: Context, ticket_id: int, reason: str | None) -> Ticket:
    return await locks.take_over(ticket_id, reason, by=await context.operator())


async def request_lock(context: Context, ticket_id: int) -> tuple[Ticket, bool]:
    """The ticket, and whether its lock is the caller's already: there was nobody to ask."""
    by = await context.operator()
    ticket = await locks.request(ticket_id, by=by)
    return ticket, ticket.lock_holder_id == by.id


async def leave(context: Context, ticket_id: int) -> Ticket:
    """Gives back the lock, if held, and the presence."""
    by = await context.operator()
    ticket = await locks.leave(ticket_id, by=by)
    if by.scopes is None:  # a program is no viewer: whoever has it open stays one
        context.services.presence.step_out(ticket_id, by.id)
    return ticket


async def set_presence(context: Context, ticket_id: int, *, idle: bool) -> None:
    """Whether the caller looks at the ticket; raises NotFound, RequestRefused for a token."""
    by = await require_person(context)
    if await rows.ticket(by.condition, ticket_id) is None:
        raise NotFound
    context.services.presence.set_state(ticket_id, by.id, by.session_id, idle=idle)


async def save_draft(context: Context, request: SaveDraft) -> Draft:
    return await drafts.save(request, by=await context.operator())


async def delete_draft(context: Context, ticket_id: int, kind: DraftKind) -> None:
    await drafts.delete(ticket_id, kind, by=await context.operator())


async def mark_read(context: Context, ticket_id: int, up_to: int) -> Ticket:
    return await read_marks.mark(ticket_id, up_to, by=await context.operator())
