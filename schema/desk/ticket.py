"""The ticket, with everything a dashboard shows of it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import desk, drafts, people, tickets, timeline as entries
from models.enums import (
    DraftKind,
    Level,
    Priority,
    Severity,
    TicketAction,
    TicketSource,
    Turn,
    ViewerState,
)
from models.hierarchy import OperatorGroup
from models.paging import Page
from realtime import presence
from realtime.cursors import Cursor
from realtime.log import position_of
from resolvers import desk as lookups
from resolvers.ids import encode
from resolvers.nested import ATTACHMENTS, TIMELINE
from schema.core import Info, global_id
from schema.desk.documents import Document
from schema.desk.people import Assignee, Category, Contact, Department, Node, Operator
from schema.desk.timeline import Post, TimelineConnection
from schema.paging import After, Before, Connection, First, Last, request


@strawberry.type(description="Who may speak on a ticket just now.")
class ReplyLock:
    acquired_at: datetime = strawberry.field(description="Since when.")
    expires_at: datetime = strawberry.field(description="Until when, if it is not renewed.")

    @strawberry.field(graphql_type=Operator, description="Who holds it.")
    async def operator(self, lock: Parent[tickets.ReplyLock], info: Info) -> Any:
        return await info.context.loaders.operators.load(lock.operator_id)

    @strawberry.field(
        description="Present for the session that holds it alone: what a reply must carry."
    )
    async def token(self, lock: Parent[tickets.ReplyLock], info: Info) -> str | None:
        caller = await info.context.operator()
        mine = (lock.operator_id, lock.session_id) == (caller.id, caller.session_id)
        return str(lock.token) if mine else None

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, tickets.ReplyLock)


@strawberry.type(description="An operator who has the ticket open.")
class Viewer:
    state: ViewerState = strawberry.field(description="What they are doing.")
    since: datetime = strawberry.field(description="Since when they have it open.")

    @strawberry.field(graphql_type=Operator, description="Who.")
    async def operator(self, viewer: Parent[presence.Viewer], info: Info) -> Any:
        return await info.context.loaders.operators.load(viewer.operator_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, presence.Viewer)


@strawberry.type(description="An operator's unsent text on a ticket.")
class Draft:
    body: str = strawberry.field(description="As it was typed; not sanitised.")
    upload_ids: list[strawberry.ID] = strawberry.field(description="Files to go with it.")
    kind: DraftKind = strawberry.field(description="What it will become.")
    revision: int = strawberry.field(description="Pass it as baseRevision when saving the next.")
    saved_at: datetime = strawberry.field(description="When.")

    @strawberry.field(description="The ticket it is for, seen or not.")
    def ticket_id(self, draft: Parent[drafts.Draft]) -> strawberry.ID:
        return strawberry.ID(encode("Ticket", draft.ticket_id))

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, drafts.Draft)


@strawberry.type(description="What the contact says of a closed ticket.")
class Rating:
    positive: bool = strawberry.field(description="Whether the desk was of help.")
    given_at: datetime = strawberry.field(description="When it was first given.")
    changeable_until: datetime = strawberry.field(description="Then it stays as it is.")

    @strawberry.field(description="In the contact's words; plain text.")
    def comment(self, rating: Parent[tickets.Rating]) -> str | None:
        return rating.comment or None

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, tickets.Rating)


TicketType = Annotated["Ticket", strawberry.lazy("schema.desk.ticket")]


@strawberry.type(description="A conversation between one contact and the desk.")
class Ticket(Node):
    id: strawberry.ID = global_id("Ticket")
    subject: str = strawberry.field(description="One line.")
    turn: Turn = strawberry.field(description="Who must speak next.")
    level: Level = strawberry.field(description="How much its operators must know.")
    priority: Priority = strawberry.field(description="How soon.")
    severity: Severity | None = strawberry.field(description="How bad.")
    source: TicketSource = strawberry.field(description="Where it came in.")
    tags: list[str] = strawberry.field(description="Free words.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    updated_at: datetime = strawberry.field(
        description="When somebody last posted or changed something."
    )
    closed_at: datetime | None = strawberry.field(description="When it was closed.")
    last_contact_post_at: datetime | None = strawberry.field(
        description="When the contact last wrote."
    )
    last_operator_reply_at: datetime | None = strawberry.field(
        description="When the desk last answered."
    )
    first_reply_at: datetime | None = strawberry.field(
        description="When the desk first answered the contact."
    )
    rating: tickets.Rating | None = strawberry.field(
        graphql_type=Rating | None, description="What its contact says of it, once it is closed."
    )
    attachment_count: int = strawberry.field(description="Files of all its posts.")

    @strawberry.field(description="Counts up; for people.")
    def number(self, ticket: Parent[tickets.Ticket]) -> int:
        return ticket.id

    @strawberry.field(description="The number of the last timeline entry.")
    def last_entry_number(self, ticket: Parent[tickets.Ticket]) -> int:
        return ticket.seq

    @strawberry.field(description="The beginning of the last contact message or reply.")
    def last_post_excerpt(self, ticket: Parent[tickets.Ticket]) -> str | None:
        return ticket.last_post_excerpt or None

    @strawberry.field(graphql_type=Contact, description="Whose ticket it is.")
    async def contact(self, ticket: Parent[tickets.Ticket], info: Info) -> people.Contact | None:
        return await info.context.loaders.contacts.load(ticket.contact_id)

    @strawberry.field(graphql_type=Department | None, description="Where it belongs.")
    async def department(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> desk.Department | None:
        return await _load(info.context.loaders.departments, ticket.department_id)

    @strawberry.field(graphql_type=Category | None, description="What it is about.")
    async def category(self, ticket: Parent[tickets.Ticket], info: Info) -> desk.Category | None:
        return await _load(info.context.loaders.categories, ticket.category_id)

    @strawberry.field(graphql_type=Assignee | None, description="Whose it is, if anybody's.")
    async def assignee(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> people.Operator | OperatorGroup | None:
        loaders = info.context.loaders
        if ticket.assignee_operator_id is not None:
            return await loaders.operators.load(ticket.assignee_operator_id)
        return await _load(loaders.groups, ticket.assignee_group_id)

    @strawberry.field(
        graphql_type=Post | None, description="The last contact message or reply; never a note."
    )
    async def last_post(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> entries.TimelineEntry | None:
        if not ticket.last_post_number:
            return None
        return await info.context.loaders.entries.load((ticket.id, ticket.last_post_number))

    @strawberry.field(description="Whether somebody else posted after the viewer's read mark.")
    async def unread(self, ticket: Parent[tickets.Ticket], info: Info) -> bool:
        return await (await info.context.own()).unread.load(ticket.id)

    @strawberry.field(graphql_type=ReplyLock | None, description="Null when the ticket is free.")
    def lock(self, ticket: Parent[tickets.Ticket]) -> tickets.ReplyLock | None:
        return ticket.reply_lock

    @strawberry.field(graphql_type=list[Viewer], description="Operators who have it open.")
    async def viewers(self, ticket: Parent[tickets.Ticket], info: Info) -> list[presence.Viewer]:
        return await lookups.viewers(info.context, ticket)

    @strawberry.field(
        graphql_type=TimelineConnection, description="Its history, in order of number."
    )
    async def timeline(
        self,
        ticket: Parent[tickets.Ticket],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Any]:
        page = request(first, after, last, before)
        return await info.context.loaders.nested.page(TIMELINE, ticket.id, page)

    @strawberry.field(
        graphql_type=Connection[Document], description="Files of all its posts, oldest first."
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
        return await info.context.loaders.nested.page(ATTACHMENTS, ticket.id, page)

    @strawberry.field(
        description=(
            "What the viewer may do right now. While another operator holds the lock: VIEW, and "
            "TAKE_OVER_LOCK if they may. Closed: VIEW, and DELETE if they may."
        )
    )
    async def allowed_actions(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> list[TicketAction]:
        return lookups.allowed_actions(await info.context.operator(), ticket)

    @strawberry.field(graphql_type=Draft | None, description="The viewer's own unsent reply.")
    async def draft(self, ticket: Parent[tickets.Ticket], info: Info) -> drafts.Draft | None:
        return await (await info.context.own()).drafts.load(ticket.id)

    @strawberry.field(
        description="Pass as `after` to ticketEvents: everything later than this query will come."
    )
    async def feed_cursor(self, ticket: Parent[tickets.Ticket], info: Info) -> str:
        epoch = await info.context.loaders.epoch()
        return Cursor(epoch, ticket.id, position_of(ticket)).encode()

    @strawberry.field(
        graphql_type=TicketType | None, description="The closed ticket it goes on from, if seen."
    )
    async def follow_up_of(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> tickets.Ticket | None:
        return await _load((await info.context.own()).tickets, ticket.follow_up_of_id)

    @strawberry.field(graphql_type=list[TicketType], description="Those that go on from it.")
    async def follow_ups(self, ticket: Parent[tickets.Ticket], info: Info) -> list[tickets.Ticket]:
        return await (await info.context.own()).follow_ups.load(ticket.id)

    @strawberry.field(
        graphql_type=TicketType | None, description="The ticket it was merged into, if seen."
    )
    async def merged_into(
        self, ticket: Parent[tickets.Ticket], info: Info
    ) -> tickets.Ticket | None:
        return await _load((await info.context.own()).tickets, ticket.merged_into_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, tickets.Ticket)


async def _load(loader: Any, id: int | None) -> Any:
    return await loader.load(id) if id is not None else None
