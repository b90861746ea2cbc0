"""What contacts are refused, as union members."""

from datetime import datetime
from typing import Any

import strawberry

from models import tickets
from resolvers import refusals
from resolvers.context import Context
from schema.client.types import Ticket
from schema.refusals import Member, Refusals


@strawberry.interface(description="Something the user can understand and act on.")
class UserError:
    message: str = strawberry.field(description="For people, in their language.")


@strawberry.type(description="Closed is final; a follow-up can be opened.")
class TicketAlreadyClosed(UserError):
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="As it is.")


@strawberry.type(description="Only what is closed can be rated.")
class TicketStillOpen(UserError):
    pass


@strawberry.type(description="Ratings are not asked for, or it can no longer be changed.")
class RatingClosed(UserError):
    pass


@strawberry.type(description="What is wrong with one field of the input.")
class FieldError:
    path: list[str] = strawberry.field(description="Where in the input.")
    message: str = strawberry.field(description="What is wrong, and what to do.")


@strawberry.type(description="The input cannot be used as it is; nothing was changed.")
class InvalidInput(UserError):
    fields: list[FieldError] = strawberry.field(description="Everything that is wrong with it.")


@strawberry.type(description="There is none, or it is not the viewer's to see.")
class NotFound(UserError):
    pass


@strawberry.type(description="No such account, wrong password, or not admitted.")
class InvalidCredentials(UserError):
    pass


@strawberry.type(description="Signing in is paused for this account or address.")
class TooManyAttempts(UserError):
    retry_at: datetime = strawberry.field(description="When to try again.")


@strawberry.type(description="The same idempotency key came with other input.")
class IdempotencyConflict(UserError):
    pass


@strawberry.type(description="The link opens nothing any more: ask for a new one.")
class LinkExpired(UserError):
    pass


async def fields_of(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    """Each field that is wrong."""
    fields = [FieldError(path=list(one.path), message=one.message) for one in refusal.fields]
    return {}, {"fields": fields}


async def ticket_of(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    """The ticket, as it is."""
    return {}, {"ticket": refusal.ticket}


async def retry_at(refusal: Any, _context: Context) -> tuple[dict[str, str], dict[str, Any]]:
    """When to try again."""
    return {}, {"retry_at": refusal.retry_at}


REFUSALS = Refusals(
    {
        refusals.TicketAlreadyClosed: Member(TicketAlreadyClosed, ticket_of),
        refusals.TicketStillOpen: Member(TicketStillOpen),
        refusals.RatingClosed: Member(RatingClosed),
        refusals.InvalidInput: Member(InvalidInput, fields_of),
        refusals.NotFound: Member(NotFound),
        refusals.IdempotencyConflict: Member(IdempotencyConflict),
        refusals.InvalidCredentials: Member(InvalidCredentials),
        refusals.LinkExpired: Member(LinkExpired),
        refusals.TooManyAttempts: Member(TooManyAttempts, retry_at),
    }
)
