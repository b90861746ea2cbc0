"""The contact's view of tickets: nothing internal is here to ask for."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import desk, documents, people, tickets, timeline
from models.categories import ContactChoices
from models.enums import Turn
from models.paging import Page
from realtime.cursors import Cursor, Position
from resolvers import client
from resolvers.nested import MESSAGES, VISIBLE_ATTACHMENTS
from schema.client.side import Side
from schema.core import Info, global_id
from schema.paging import After, Before, Connection, First, Last, request


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque global id; see Query.node.")


@strawberry.type(description="The signed-in contact.")
class Contact(Node):
    id: strawberry.ID = global_id("Contact")
    email: str | None = strawberry.field(description="Where mail reaches them.")
    language: str = strawberry.field(description="Of the texts they are sent (BCP 47).")

    @strawberry.field(description="Falls back to the address, so that it is never empty.")
    def name(self, contact: Parent[people.Contact]) -> str:
        return contact.display_name

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Contact)


@strawberry.type(description="A subject a contact may choose, or one above it.")
class Category:
    id: strawberry.ID = global_id("Category")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(description="What belongs in it.")
    def description(self, category: Parent[desk.Category]) -> str | None:
        return category.description or None

    @strawberry.field(
        graphql_type=list[Annotated["Category", strawberry.lazy("schema.client.types")]],
        description="Those under it; one without any may be chosen.",
    )
    async def children(self, category: Parent[desk.Category], info: Info) -> list[desk.Category]:
        choices: ContactChoices = await info.context.loaders.contact_choices()
        return choices.children.get(category.id, [])


@strawberry.type(description="Where to write, where the desk uses no categories.")
class Department:
    id: strawberry.ID = global_id("Department")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="A file given with a message.")
class Document(Node):
    id: strawberry.ID = global_id("Document")
    name: str = strawberry.field(description="The file's name.")
    media_type: str = strawberry.field(description="Found from the content, not from the name.")
    created_at: datetime = strawberry.field(description="When it was given.")
    from_desk: bool = strawberry.field(description="Whether the desk gave it.")

    @strawberry.field(description="In bytes.")
    def size(self, document: Parent[documents.Document]) -> float:
        return float(document.size)

    @strawberry.field(description="Signed for the contact, for 5 minutes; relative to the server.")
    async def download_url(self, document: Parent[documents.Document], info: Info) -> str:
        caller = await info.context.contact()
        return info.context.services.download_url(document.id, caller.session_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, documents.Document)


@strawberry.type(
    description=(
        "What one side wrote. `number` counts among the messages a contact can see, so that it "
        "tells nothing of anything else."
    )
)
class Message(Node):
    id: strawberry.ID = global_id("Message", client.message_number)
    created_at: datetime = strawberry.field(description="When.")
    body: str = strawberry.field(description="Sanitised HTML.")
    body_text: str = strawberry.field(description="The same as plain text.")

    @strawberry.field(description="1, 2, 3 … among the visible messages.")
    def number(self, entry: Parent[timeline.TimelineEntry]) -> int:
        return entry.visible_number or 0

    @strawberry.field(description="Whose words.")
    def side(self, entry: Parent[timeline.TimelineEntry]) -> Side:
        return Side.CONTACT if entry.contact_id is not None else Side.DESK

    @strawberry.field(description="Whether the viewer wrote it.")
    async def from_me(self, entry: Parent[timeline.TimelineEntry], info: Info) -> bool:
        return await client.is_mine(info.context, entry)

    @strawberry.field(description="Who wrote it, or the department's common name.")
    async def author_name(self, entry: Parent[timeline.TimelineEntry], info: Info) -> str:
        return await client.author_name(info.context, entry)

    @strawberry.field(description="The address of the department's common picture, if any.")
    def author_avatar(self, entry: Parent[timeline.TimelineEntry]) -> str | None:
        return entry.staff_avatar or None

    @strawberry.field(graphql_type=list[Document], description="Files given with it.")
    async def attachments(
        self, entry: Parent[timeline.TimelineEntry], info: Info
    ) -> list[documents.Document]:
        return await client.attachments(info.context, entry)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, timeline.TimelineEntry) and row.visible_number is not None


@strawberry.type(description="What the contact says of a closed ticket.")
class Rating:
    positive: bool = strawberry.field(description="Whether the desk was of help.")
    changeable_until: datetime = strawberry.field(description="Then it stays as it is.")

    @strawberry.field(description="In the contact's words.")
    def comment(self, rating: Parent[tickets.Rating]) -> str | None:
        return rating.comment or None

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, tickets.Rating)


@strawberry.type(description="A conversation with the desk.")
class Ticket(Node):
    id: strawberry.ID = global_id("Ticket")
    subject: str = strawberry.field(description="One line.")
    turn: Turn = strawberry.field(description="Who must speak next.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    rating: tickets.Rating | None = strawberry.field(
        graphql_type=Rating | None, description="How it was, once somebody has said so."
    )

    @strawberry.field(description="Counts up; for people.")
    def number(self, ticket: Parent[tickets.Ticket]) -> int:
        return ticket.id

    @strawberry.field(
        graphql_type=Category | None,
        description="The one chosen when opening; it stays, whatever the desk does.",
    )
    async def category(self, ticket: Parent[tickets.Ticket], info: Info) -> desk.Category | None:
        if ticket.chosen_category_id is None:
            return None
        return await info.context.loaders.categories.load(ticket.chosen_category_id)

    @strawberry.field(description="When something the contact can see last changed.")
    def updated_at(self, ticket: Parent[tickets.Ticket]) -> datetime:
        return ticket.visible_at

    @strawberry.field(graphql_type=Connection[Message], description="Both sides, in order.")
    async def messages(
        self,
        ticket: Parent[tickets.Ticket],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Any]:
        page = request(first, after, last, before)
        return await info.context.loaders.nested.page(MESSAGES, ticket.id, page)

    @strawberry.field(
        graphql_type=Connection[Document], description="Files of all messages, oldest first."
    )
    async def attachments(
        self,
        ticket: Parent[tickets.Ticket],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Any]:
        page = request(first, after, last, before)
        return await info.context.loaders.nested.page(VISIBLE_ATTACHMENTS, ticket.id, page)

    @strawberry.field(description="Pass as `after` to ticketEvents.")
    async def feed_cursor(self, ticket: Parent[tickets.Ticket], info: Info) -> str:
        epoch = await info.context.loaders.epoch()
        return Cursor(epoch, ticket.id, Position(ticket.visible_seq, 0)).encode()

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, tickets.Ticket)
