"""The timeline: posts and events, numbered without gaps."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from models import timeline
from models.callers import Automation
from models.documents import Document as DocumentRow
from models.enums import DeliveryState, EntryKind, SystemEventKind, TicketSource, Turn
from models.people import Operator as OperatorRow
from resolvers import desk as lookups
from schema.core import Info, global_id
from schema.desk.documents import Document
from schema.desk.message_mail import MessageMail
from schema.desk.people import Actor, Node, Operator
from schema.paging import Connection


async def _author(entry: Parent[timeline.TimelineEntry], info: Info) -> Any:
    if entry.operator_id is not None:
        return await info.context.loaders.operators.load(entry.operator_id)
    if entry.contact_id is not None:
        return await info.context.loaders.contacts.load(entry.contact_id)
    return Automation(entry.automation)


async def _attachments(entry: Parent[timeline.TimelineEntry], info: Info) -> list[DocumentRow]:
    return await info.context.loaders.documents.load(entry.id)


def _author_field() -> Any:
    return strawberry.field(
        resolver=_author, graphql_type=Actor | None, description="Who wrote or did it."
    )


def _attachments_field() -> Any:
    return strawberry.field(
        resolver=_attachments, graphql_type=list[Document], description="Files given with it."
    )


@strawberry.interface(description="One line of a ticket's history.")
class TimelineEntry(Node):
    id: strawberry.ID = global_id("Entry")
    number: int = strawberry.field(description="1, 2, 3 … within the ticket, without gaps.")
    created_at: datetime = strawberry.field(description="When.")
    turn_after: Turn = strawberry.field(description="Who had to speak next, then.")
    author: Any = _author_field()


@strawberry.interface(description="What somebody wrote.")
class Post(TimelineEntry):
    body: str = strawberry.field(description="Sanitised HTML.")
    body_text: str = strawberry.field(description="The same as plain text.")
    attachments: Any = _attachments_field()


@strawberry.type(description="What the contact wrote.")
class ContactMessage(Post):
    source: TicketSource = strawberry.field(description="Where it came in.")
    verified: bool = strawberry.field(
        description="The sender is proven (signed in, or by the mail's signature)."
    )
    automatic: bool = strawberry.field(description="A machine's mail: it never moves the turn.")

    @strawberry.field(
        graphql_type=MessageMail | None, description="How it came, where it came by mail."
    )
    async def mail(self, entry: Parent[timeline.TimelineEntry], info: Info) -> Any:
        if entry.source is not TicketSource.EMAIL:
            return None
        return await info.context.loaders.mails.load((entry.ticket_id, entry.number))

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return is_entry(row, EntryKind.CONTACT_MESSAGE)


@strawberry.type(description="What the desk answered.")
class OperatorReply(Post):
    delivery: DeliveryState = strawberry.field(description="How far its mail has come.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return is_entry(row, EntryKind.OPERATOR_REPLY)


@strawberry.type(description="Said among operators; contacts never see it.")
class InternalNote(Post):
    @strawberry.field(graphql_type=list[Operator], description="Operators it calls on.")
    async def mentions(
        self, entry: Parent[timeline.TimelineEntry], info: Info
    ) -> list[OperatorRow]:
        found = await info.context.loaders.operators.load_many(entry.mentions)
        return [one for one in found if one is not None]

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return is_entry(row, EntryKind.INTERNAL_NOTE)


@strawberry.type(description="What an event changed, in words a person reads.")
class FieldChange:
    field: str = strawberry.field(description="Which field.")
    to: str | None = strawberry.field(description="What it is now.")
    from_: str | None = strawberry.field(name="from", description="What it was.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, timeline.FieldChange)


@strawberry.type(description="Something that happened to the ticket, apart from posts.")
class SystemEvent(TimelineEntry):
    note: str | None = strawberry.field(description="Why, in the author's words.")

    @strawberry.field(description="What happened.")
    def kind(self, entry: Parent[timeline.TimelineEntry]) -> SystemEventKind:
        if entry.event is None:
            raise LookupError(f"entry {entry.id} is no event")
        return entry.event

    @strawberry.field(graphql_type=list[FieldChange], description="Field by field.")
    async def changes(
        self, entry: Parent[timeline.TimelineEntry], info: Info
    ) -> list[timeline.FieldChange]:
        return await lookups.changes_in_sight(info.context, entry)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return is_entry(row, EntryKind.SYSTEM_EVENT)


@strawberry.type(description="A page of a timeline (Relay Cursor Connections).")
class TimelineConnection(Connection[TimelineEntry]):
    pass


def is_entry(row: object, kind: EntryKind) -> bool:
    """Whether a row is an entry of this kind."""
    return isinstance(row, timeline.TimelineEntry) and row.kind is kind


ENTRY_TYPES: list[type] = [ContactMessage, OperatorReply, InternalNote, SystemEvent]
