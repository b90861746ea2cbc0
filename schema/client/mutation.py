"""The client area's mutations, their inputs and results."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from models import people, tickets, timeline
from resolvers import client, signing_in
from resolvers.ids import local_id
from schema.client.errors import (
    REFUSALS,
    IdempotencyConflict,
    InvalidCredentials,
    InvalidInput,
    NotFound,
    RatingClosed,
    TicketAlreadyClosed,
    TicketStillOpen,
    TooManyAttempts,
)
from schema.client.types import Contact, Message, Ticket
from schema.client.ways_in import WaysIn
from schema.core import Info

UPLOADS = "Ids of files sent to POST /files, each used once."
IDEMPOTENCY = "The same key and input within 24 h returns the first result."
HTML = "HTML; sanitised. At most 200 kB."
INPUT = strawberry.argument(description="What to do.")


@strawberry.type(description="A session has begun.")
class SignedIn:
    expires_at: datetime = strawberry.field(description="It moves on with use.")
    contact: people.Operator | people.Contact = strawberry.field(
        graphql_type=Contact, description="Who."
    )
    token: str | None = strawberry.field(
        default=None, description="Shown this once; null when it went into a cookie."
    )


@strawberry.type(description="The session has ended, and with it every connection of it.")
class SignedOut:
    at: datetime = strawberry.field(description="When.")


@strawberry.type(description="Opened.")
class TicketOpened:
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="The new ticket.")


@strawberry.type(description="Posted.")
class MessagePosted:
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="As it is now.")
    posted: timeline.TimelineEntry | None = strawberry.field(
        graphql_type=Message, description="The new message."
    )


@strawberry.type(description="Rated.")
class TicketRated:
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="As it is now.")


SignInResult = Annotated[
    SignedIn | InvalidCredentials | TooManyAttempts,
    strawberry.union("SignInResult", description="SignedIn, or why not."),
]
SignOutResult = Annotated[
    SignedOut, strawberry.union("SignOutResult", description="Always SignedOut.")
]
TicketOpenResult = Annotated[
    TicketOpened | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("TicketOpenResult", description="TicketOpened, or why not."),
]
MessagePostResult = Annotated[
    MessagePosted | TicketAlreadyClosed | InvalidInput | NotFound | IdempotencyConflict,
    strawberry.union("MessagePostResult", description="MessagePosted, or why not."),
]

TicketRateResult = Annotated[
    TicketRated | TicketStillOpen | RatingClosed | InvalidInput | NotFound,
    strawberry.union("TicketRateResult", description="TicketRated, or why not."),
]


@strawberry.input(description="Credentials of a contact.")
class SignInInput:
    email: str = strawberry.field(description="The account's address.")
    password: str = strawberry.field(description="Its password.")
    cookie: bool | None = strawberry.field(
        default=False, description="Set the session as a cookie; `token` is then null."
    )


@strawberry.input(description="A new ticket.")
class TicketOpenInput:
    subject: str = strawberry.field(description="One line, at most 250 characters.")
    body: str = strawberry.field(description=HTML)
    category_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A leaf of `categories`; required, except in follow-ups.",
    )
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of `departments`, where the desk uses no categories."
    )
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    follow_up_of_id: strawberry.ID | None = strawberry.field(
        default=None, description="A closed ticket this one goes on from; its category stays."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> client.requests.ContactOpen:
        return client.requests.ContactOpen(
            subject=self.subject,
            body=self.body,
            category_id=_optional(self.category_id, "Category"),
            department_id=_optional(self.department_id, "Department"),
            upload_ids=tuple(self.upload_ids or ()),
            follow_up_of_id=_optional(self.follow_up_of_id, "Ticket"),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="A message to the desk.")
class MessagePostInput:
    ticket_id: strawberry.ID = strawberry.field(description="Which ticket.")
    body: str = strawberry.field(description=HTML)
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)
    idempotency_key: str | None = strawberry.field(default=None, description=IDEMPOTENCY)

    def request(self) -> client.requests.Post:
        return client.requests.Post(
            ticket_id=local_id(self.ticket_id, "Ticket"),
            body=self.body,
            upload_ids=tuple(self.upload_ids or ()),
            idempotency_key=self.idempotency_key,
        )


@strawberry.input(description="How it was.")
class TicketRateInput:
    ticket_id: strawberry.ID = strawberry.field(description="A closed one, the viewer's own.")
    positive: bool = strawberry.field(description="Whether the desk was of help.")
    comment: str | None = strawberry.field(
        default=None, description="Plain text, at most 2,000 characters."
    )

    def request(self) -> client.requests.Rate:
        return client.requests.Rate(local_id(self.ticket_id, "Ticket"), self.positive, self.comment)


def _optional(gid: str | None, kind: str) -> int | None:
    return None if gid is None else local_id(gid, kind)


def _mutation(result: Any, description: str) -> Any:
    return strawberry.mutation(graphql_type=result, extensions=[REFUSALS], description=description)


@strawberry.type(description="What contacts do.")
class Mutation(WaysIn):
    @_mutation(SignInResult, "Begin a session.")
    async def sign_in(self, info: Info, input: Annotated[SignInInput, INPUT]) -> Any:
        cookie = bool(input.cookie)
        done = await signing_in.sign_in_contact(
            info.context, input.email, input.password, cookie=cookie
        )
        return SignedIn(
            expires_at=done.session.expires_at,
            contact=done.account,
            token=None if cookie else done.token,
        )

    @_mutation(SignOutResult, "End the session.")
    async def sign_out(self, info: Info) -> Any:
        return SignedOut(at=await signing_in.sign_out(info.context))

    @_mutation(TicketOpenResult, "Open a ticket.")
    async def ticket_open(self, info: Info, input: Annotated[TicketOpenInput, INPUT]) -> Any:
        done = await client.open_ticket(info.context, input.request())
        return TicketOpened(ticket=done.ticket)

    @_mutation(MessagePostResult, "Write to the desk.")
    async def message_post(self, info: Info, input: Annotated[MessagePostInput, INPUT]) -> Any:
        done = await client.post(info.context, input.request())
        return MessagePosted(ticket=done.ticket, posted=done.entry)

    @_mutation(
        TicketRateResult,
        "Say how it was: once the ticket is closed, by whose it is; to be changed for 7 days.",
    )
    async def ticket_rate(self, info: Info, input: Annotated[TicketRateInput, INPUT]) -> Any:
        return TicketRated(ticket=await client.rate(info.context, input.request()))
