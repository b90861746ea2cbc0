"""Lists that other types have of tickets and of contacts: pages, a statement for all owners."""

from typing import Any

import strawberry
from strawberry import Parent
from strawberry.types.lazy_type import LazyType

from models.enums import Right
from models.paging import Page
from resolvers.nested import COLLEAGUES, Inner
from schema.core import Info
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import right, scope


def _page_of(name: str, module: str) -> Any:
    """Of a type whose module imports this one: found when the schema is built."""
    later: Any = LazyType
    return Connection[later(name, f"schema.desk.{module}")]


TICKETS, CONTACTS = _page_of("Ticket", "ticket"), _page_of("Contact", "contacts")


def tickets_of(inner: Inner, description: str) -> Any:
    """Tickets of a row, among what the viewer sees; the latest changed first."""

    async def resolve(
        row: Parent[Any],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Any]:
        own = await info.context.own()
        return await own.nested.page(inner, row.id, request(first, after, last, before))

    return strawberry.field(
        resolver=resolve,
        graphql_type=TICKETS,
        extensions=[scope(Right.TICKETS_VIEW)],
        description=f"{description}, as far as the viewer sees them; the latest changed first.",
    )


def contacts_of(description: str) -> Any:
    """Contacts of an organisation."""

    async def resolve(
        row: Parent[Any],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[Any]:
        page = request(first, after, last, before)
        return await info.context.loaders.nested.page(COLLEAGUES, row.id, page)

    return strawberry.field(
        resolver=resolve,
        graphql_type=CONTACTS,
        extensions=[right(Right.CONTACTS_VIEW)],
        description=description,
    )
