"""The client area's ways in without a session: magic links, and links that set a password."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from models import people, tickets
from resolvers import refusals, ways_in
from schema.client.errors import InvalidInput, TooManyAttempts, UserError, fields_of, retry_at
from schema.client.types import Contact, Ticket
from schema.core import Info
from schema.refusals import Member, Refusals

INPUT = strawberry.argument(description="What to do.")
EMAIL = "Where to. The answer is the same whether anybody has this address."


@strawberry.type(description="The link opens nothing any more: ask for a new one.")
class LinkExpired(UserError):
    pass


@strawberry.input(description="A magic link, as a mail brought it.")
class MagicLinkOpenInput:
    token: str = strawberry.field(description="What stands after /m/ in its address.")


@strawberry.type(description="A session has begun that reaches one ticket.")
class MagicLinkOpened:
    token: str | None = strawberry.field(description="Shown this once: the bearer token.")
    expires_at: datetime = strawberry.field(description="It moves on with use, up to the link's.")
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="The one.")


@strawberry.input(description="Whoever has lost a link, or let it expire.")
class MagicLinkRequestInput:
    email: str = strawberry.field(description=EMAIL)
    ticket_number: int | None = strawberry.field(
        default=None, description="Which of their tickets; the latest open one, unless said."
    )


@strawberry.type(description="If a contact has this address, a link is on its way.")
class MagicLinkRequested:
    email: str = strawberry.field(description="As it was given.")


@strawberry.input(description="Whoever has no password, or lost it.")
class PasswordResetRequestInput:
    email: str = strawberry.field(description=EMAIL)


@strawberry.type(description="If a contact has this address, a link is on its way.")
class PasswordResetRequested:
    email: str = strawberry.field(description="As it was given.")


@strawberry.input(description="A new password.")
class PasswordSetInput:
    token: str = strawberry.field(description="What stands after /password/ in the link.")
    password: str = strawberry.field(description="12 characters or more, and not a common one.")


@strawberry.type(description="Set; every session of the contact has ended.")
class PasswordIsSet:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="Whose it is.")


MagicLinkOpenResult = Annotated[
    MagicLinkOpened | LinkExpired | TooManyAttempts,
    strawberry.union("MagicLinkOpenResult", description="MagicLinkOpened, or why not."),
]
MagicLinkRequestResult = Annotated[
    MagicLinkRequested | TooManyAttempts,
    strawberry.union("MagicLinkRequestResult", description="MagicLinkRequested, or why not."),
]
PasswordResetRequestResult = Annotated[
    PasswordResetRequested | TooManyAttempts,
    strawberry.union("PasswordResetRequestResult", description="Of passwordResetRequest."),
]
PasswordSetResult = Annotated[
    PasswordIsSet | LinkExpired | InvalidInput,
    strawberry.union("PasswordSetResult", description="PasswordIsSet, or why not."),
]

REFUSALS = Refusals(
    {
        refusals.LinkExpired: Member(LinkExpired),
        refusals.InvalidInput: Member(InvalidInput, fields_of),
        refusals.TooManyAttempts: Member(TooManyAttempts, retry_at),
    }
)


def _mutation(result: Any, description: str) -> Any:
    return strawberry.mutation(graphql_type=result, extensions=[REFUSALS], description=description)


@strawberry.type(description="Ways in.")
class WaysIn:
    @_mutation(
        MagicLinkOpenResult,
        "Exchange the token of a magic link for a session that reaches that one ticket.",
    )
    async def magic_link_open(self, info: Info, input: Annotated[MagicLinkOpenInput, INPUT]) -> Any:
        done, ticket = await ways_in.open_link(info.context, input.token)
        return MagicLinkOpened(token=done.token, expires_at=done.session.expires_at, ticket=ticket)

    @_mutation(MagicLinkRequestResult, "Send a new link; the answer is always the same.")
    async def magic_link_request(
        self, info: Info, input: Annotated[MagicLinkRequestInput, INPUT]
    ) -> Any:
        await ways_in.request_link(info.context, input.email, input.ticket_number)
        return MagicLinkRequested(email=input.email)

    @_mutation(PasswordResetRequestResult, "Send a link that sets a password; always the same.")
    async def password_reset_request(
        self, info: Info, input: Annotated[PasswordResetRequestInput, INPUT]
    ) -> Any:
        await ways_in.request_reset(info.context, input.email)
        return PasswordResetRequested(email=input.email)

    @_mutation(PasswordSetResult, "Set a password by a link; it works once.")
    async def password_set(self, info: Info, input: Annotated[PasswordSetInput, INPUT]) -> Any:
        return PasswordIsSet(contact=await ways_in.set_password(input.token, input.password))
