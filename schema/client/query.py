"""The client area's queries."""

from typing import Annotated

import strawberry

from models import desk, tickets as ticket_rows
from models.paging import Page
from models.people import Contact as ContactRow
from resolvers import client, lists
from resolvers.desk import one_of
from schema.client.types import Category, Contact, Department, Node, Ticket
from schema.core import Info
from schema.paging import After, Before, Connection, First, Last, request


@strawberry.type(description="What contacts look up; only what is theirs is there.")
class Query:
    @strawberry.field(graphql_type=Node | None, description="Whatever has this global id.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")],
    ) -> object | None:
        return await client.node(info.context, id)

    @strawberry.field(
        graphql_type=Contact | None,
        description="The signed-in contact; null when the request carries no credentials.",
    )
    async def viewer(self, info: Info) -> ContactRow | None:
        if info.context.account is None:
            return None
        return (await info.context.contact()).contact

    @strawberry.field(
        graphql_type=list[Category], description="The tree of categories a contact may choose."
    )
    async def categories(self, info: Info) -> list[desk.Category]:
        return (await client.choices(info.context)).roots

    @strawberry.field(
        graphql_type=list[Department],
        description="Where to write; empty where the desk uses categories.",
    )
    async def departments(self, info: Info) -> list[desk.Department]:
        return await client.departments(info.context)

    @strawberry.field(
        graphql_type=Ticket | None, description="By id or number; null when there is none to see."
    )
    async def ticket(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Its global id.")
        ] = None,
        number: Annotated[int | None, strawberry.argument(description="Its number.")] = None,
    ) -> ticket_rows.Ticket | None:
        await info.context.contact()
        return await client.ticket(info.context, one_of(id, number))

    @strawberry.field(
        graphql_type=Connection[Ticket],
        description="The contact's tickets, the latest change first.",
    )
    async def tickets(
        self,
        info: Info,
        open: Annotated[bool | None, strawberry.argument(description="Not closed.")] = None,
        search: Annotated[
            str | None,
            strawberry.argument(description="Words, or beginnings of words; all must occur."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[ticket_rows.Ticket]:
        return await lists.tickets_of_contact(
            await info.context.contact(),
            is_open=open,
            search=search,
            request=request(first, after, last, before),
        )
