"""Why a desk mutation did not happen: the refusals of its result unions."""

from datetime import datetime
from typing import Any

import strawberry

from models import drafts, tickets, timeline
from resolvers import refusals
from resolvers.context import Context
from schema.desk.people import Assignee
from schema.desk.ticket import Draft, ReplyLock, Ticket
from schema.desk.timeline import TimelineEntry
from schema.refusals import Member, Refusals


@strawberry.interface(description="Something the user can understand and act on.")
class UserError:
    message: str = strawberry.field(description="For people, in their language.")


@strawberry.type(description="Another operator is replying.")
class TicketLocked(UserError):
    lock: tickets.ReplyLock = strawberry.field(
        graphql_type=ReplyLock, description="Who, since when."
    )


@strawberry.type(description="The token is no longer the current one: expired, released or taken.")
class LockLost(UserError):
    holder: tickets.ReplyLock | None = strawberry.field(
        graphql_type=ReplyLock | None, description="Who has the lock now, if anybody."
    )


@strawberry.type(description="Somebody posted what the author has not read; nothing was sent.")
class ConversationMovedOn(UserError):
    missed: list[timeline.TimelineEntry] = strawberry.field(
        graphql_type=list[TimelineEntry], description="What was missed, at most 50."
    )


@strawberry.type(description="Closed is final.")
class TicketAlreadyClosed(UserError):
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="As it is.")


@strawberry.type(description="What is wrong with one field of the input.")
class FieldError:
    path: list[str] = strawberry.field(description="Where in the input.")
    message: str = strawberry.field(description="What is wrong, and what to do.")


@strawberry.type(description="The input cannot be used as it is; nothing was changed.")
class InvalidInput(UserError):
    fields: list[FieldError] = strawberry.field(description="Everything that is wrong with it.")


@strawberry.type(description="There is none, or the viewer may not know of it.")
class NotFound(UserError):
    pass


@strawberry.type(description="Seen, but not the viewer's to do.")
class NotPermitted(UserError):
    action: str = strawberry.field(
        description="What was refused: a TicketAction, OPEN, or a right like `settings.write`."
    )


@strawberry.type(description="The ticket would be out of the assignee's sight.")
class AssigneeCannotSee(UserError):
    assignee: Any = strawberry.field(graphql_type=Assignee, description="Who.")


@strawberry.type(description="The same idempotency key came with other input.")
class IdempotencyConflict(UserError):
    pass


@strawberry.type(description="No ticket is waiting that the viewer may take.")
class NothingToTake(UserError):
    pass


@strawberry.type(description="The draft was saved elsewhere meanwhile; nothing was overwritten.")
class DraftConflict(UserError):
    draft: drafts.Draft = strawberry.field(graphql_type=Draft, description="The newer text.")


@strawberry.type(description="No such account, wrong password, or not admitted.")
class InvalidCredentials(UserError):
    pass


@strawberry.type(description="Signing in is paused for this account or address.")
class TooManyAttempts(UserError):
    retry_at: datetime = strawberry.field(description="When to try again.")


async def _locked(refusal: Any, context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    holder = await context.loaders.operators.load(refusal.lock.operator_id)
    return {"holder": holder.name if holder else ""}, {"lock": refusal.lock}


async def _assignee(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    return {"assignee": refusal.assignee.name}, {"assignee": refusal.assignee}


async def _fields(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    fields = [FieldError(path=list(one.path), message=one.message) for one in refusal.fields]
    return {}, {"fields": fields}


def _as_is(name: str) -> Any:
    """The refusal's attribute is the type's field."""

    async def show(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
        return {}, {name: getattr(refusal, name)}

    return show


REFUSALS = Refusals(
    {
        refusals.TicketLocked: Member(TicketLocked, _locked),
        refusals.LockLost: Member(LockLost, _as_is("holder")),
        refusals.ConversationMovedOn: Member(ConversationMovedOn, _as_is("missed")),
        refusals.TicketAlreadyClosed: Member(TicketAlreadyClosed, _as_is("ticket")),
        refusals.InvalidInput: Member(InvalidInput, _fields),
        refusals.NotFound: Member(NotFound),
        refusals.NotPermitted: Member(NotPermitted, _as_is("action")),
        refusals.AssigneeCannotSee: Member(AssigneeCannotSee, _assignee),
        refusals.IdempotencyConflict: Member(IdempotencyConflict),
        refusals.NothingToTake: Member(NothingToTake),
        refusals.DraftConflict: Member(DraftConflict, _as_is("draft")),
        refusals.InvalidCredentials: Member(InvalidCredentials),
        refusals.TooManyAttempts: Member(TooManyAttempts, _as_is("retry_at")),
    }
)
