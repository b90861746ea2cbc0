"""The desk's queries."""

from enum import Enum
from typing import Annotated

import strawberry

from models import counting, desk, people
from models.drafts import Draft as DraftRow
from models.enums import Right
from models.paging import Page
from models.tickets import Ticket as TicketRow
from resolvers import counters, desk as lookups, lists
from resolvers.administration import categories, departments
from resolvers.ids import local_id
from schema.core import Info, described
from schema.desk.administration.access import AccessQueries
from schema.desk.administration.audit import AuditQueries
from schema.desk.administration.groups import GroupQueries
from schema.desk.administration.inbound import InboundQueries
from schema.desk.administration.mailboxes import MailboxQueries
from schema.desk.administration.mails import OutgoingQueries
from schema.desk.administration.organisations import OrganisationQueries
from schema.desk.administration.roles import RoleQueries
from schema.desk.administration.settings import SettingsQueries
from schema.desk.administration.tokens import TokenQueries
from schema.desk.counters import TicketCounters
from schema.desk.filters import Filter, OrderDirection, TicketOrder, TicketOrderField
from schema.desk.notifications import NotificationQueries
from schema.desk.people import Category, Contact, Department, Node, Operator
from schema.desk.ticket import Draft, Ticket
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import ANONYMOUS, ANYBODY, scope


class CategoryPurpose(Enum):
    """What a list of categories is for."""

    OPEN = "open"
    CHANGE = "change"
    MANAGE = "manage"


described(
    CategoryPurpose,
    "What a list of categories is for.",
    OPEN="To open tickets in: those the operator handles.",
    CHANGE="To move a ticket to: every one in use.",
    MANAGE="To administer: all, archived ones too; for who may see the settings.",
)


class DepartmentPurpose(Enum):
    """What a list of departments is for."""

    TRANSFER = "transfer"
    MANAGE = "manage"


described(
    DepartmentPurpose,
    "What a list of departments is for.",
    TRANSFER="To transfer tickets to.",
    MANAGE="To administer: all; for who may see the settings.",
)

VIEW, DELETE = scope(Right.TICKETS_VIEW), scope(Right.TICKETS_DELETE)
CONTACTS = scope(Right.CONTACTS_VIEW)
LATEST_FIRST = TicketOrder(field=TicketOrderField.UPDATED_AT, direction=OrderDirection.DESC)


@strawberry.type(description="What operators look up; only what they may see is there.")
class Query(
    AuditQueries,
    RoleQueries,
    TokenQueries,
    SettingsQueries,
    OrganisationQueries,
    GroupQueries,
    AccessQueries,
    NotificationQueries,
    MailboxQueries,
    OutgoingQueries,
    InboundQueries,
):
    @strawberry.field(
        extensions=[ANYBODY], graphql_type=Node | None, description="Whatever has this global id."
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")],
    ) -> object | None:
        return await lookups.node(info.context, id)

    @strawberry.field(
        extensions=[ANONYMOUS],
        graphql_type=Operator | None,
        description="The signed-in operator; null when the request carries no credentials.",
    )
    async def viewer(self, info: Info) -> people.Operator | None:
        if info.context.account is None:
            return None
        return (await info.context.operator()).operator

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=Ticket | None,
        description="By id or number; null when there is none to see.",
    )
    async def ticket(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Its global id.")
        ] = None,
        number: Annotated[int | None, strawberry.argument(description="Its number.")] = None,
    ) -> TicketRow | None:
        by = await info.context.operator()
        return await lookups.ticket(by, lookups.one_of(id, number))

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=Connection[Ticket],
        description="The operator's ticket list.",
    )
    async def tickets(
        self,
        info: Info,
        filter: Filter = None,
        order_by: Annotated[
            TicketOrder | None, strawberry.argument(description="How it is sorted.")
        ] = LATEST_FIRST,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[TicketRow]:
        sort = (order_by or LATEST_FIRST).sort()
        wanted = filter.wanted() if filter else None
        page = request(first, after, last, before)
        return await lists.tickets(await info.context.operator(), wanted, sort, page)

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=TicketCounters,
        description="How many tickets in sight wait for whom.",
    )
    async def ticket_counters(self, info: Info, filter: Filter = None) -> counting.TicketCounters:
        wanted = filter.wanted() if filter else None
        return await counters.counters(await info.context.operator(), wanted)

    @strawberry.field(extensions=[CONTACTS], graphql_type=Contact | None, description="A contact.")
    async def contact(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A contact's id.")],
    ) -> people.Contact | None:
        return await lookups.contact(await info.context.operator(), local_id(id, "Contact"))

    @strawberry.field(
        extensions=[CONTACTS], graphql_type=Connection[Contact], description="Contacts."
    )
    async def contacts(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="A part of name or address.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[people.Contact]:
        page = request(first, after, last, before)
        return await lists.contacts(await info.context.operator(), search, page)

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=list[Department],
        description=(
            "TRANSFER: departments the operator may transfer tickets to. MANAGE: all of them, for "
            "who may see the settings."
        ),
    )
    async def departments(
        self,
        info: Info,
        for_: Annotated[
            DepartmentPurpose | None, strawberry.argument(name="for", description="What for.")
        ] = DepartmentPurpose.TRANSFER,
    ) -> list[desk.Department]:
        if for_ is DepartmentPurpose.MANAGE:
            return await departments.every(info.context)
        return await lookups.transfer_targets(await info.context.operator())

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=list[Category],
        description=(
            "OPEN: what the operator may open tickets in. CHANGE: every category in use, to move "
            "a ticket to. MANAGE: all of them."
        ),
    )
    async def categories(
        self,
        info: Info,
        for_: Annotated[
            CategoryPurpose | None, strawberry.argument(name="for", description="What for.")
        ] = CategoryPurpose.OPEN,
    ) -> list[desk.Category]:
        if for_ is CategoryPurpose.MANAGE:
            return await categories.every(info.context)
        to_open = for_ is not CategoryPurpose.CHANGE
        return await lookups.categories(await info.context.operator(), to_open=to_open)

    @strawberry.field(
        extensions=[ANYBODY],
        graphql_type=Operator | None,
        description="A member of staff; null when there is none of this id.",
    )
    async def operator(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An operator's id.")],
    ) -> people.Operator | None:
        return await info.context.loaders.operators.load(local_id(id, "Operator"))

    @strawberry.field(
        extensions=[ANYBODY], graphql_type=Connection[Operator], description="The staff, by name."
    )
    async def operators(
        self,
        info: Info,
        search: Annotated[
            str | None, strawberry.argument(description="A part of name or address.")
        ] = None,
        active: Annotated[
            bool | None, strawberry.argument(description="Only who may, or may not, sign in.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[people.Operator]:
        await info.context.operator()
        page = request(first, after, last, before)
        return await lists.operators(page, search, active=active)

    @strawberry.field(
        extensions=[VIEW],
        graphql_type=list[Draft],
        description="The operator's unsent texts, also of tickets they can no longer see.",
    )
    async def drafts(self, info: Info) -> list[DraftRow]:
        return await lookups.drafts(await info.context.operator())

    @strawberry.field(
        extensions=[DELETE],
        graphql_type=Connection[Ticket],
        description="For those with the right to delete.",
    )
    async def deleted_tickets(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[TicketRow]:
        page = request(first, after, last, before)
        return await lists.deleted_tickets(await info.context.operator(), page)
