"""Lists of the desk and the client area: pages of what the caller may see."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from tortoise.models import Model

from models import rows
from models.callers import ContactCaller, OperatorCaller
from models.conditions import ALWAYS, NEVER, Condition, Every, Is, Not
from models.enums import Right
from models.limbo import limbo
from models.paging import BadPage, Page, PageRequest, Sort, page
from models.people import Contact, Operator
from models.sql import Statement, instances, rows as query
from models.tickets import Ticket
from resolvers.errors import RequestRefused
from resolvers.filters import TicketFilter, condition_of, search_condition
from resolvers.named import named

ModelT = TypeVar("ModelT", bound=Model)

URGENCY = {"LOW": 0, "NORMAL": 1, "HIGH": 2, "URGENT": 3}
URGENCY_SQL = (
    "CASE t.priority WHEN 'URGENT' THEN 3 WHEN 'HIGH' THEN 2 WHEN 'NORMAL' THEN 1 ELSE 0 END"
)
TIMES = {
    "created_at": False,
    "updated_at": False,
    "last_post_at": True,
    "last_contact_post_at": True,
    "last_operator_reply_at": True,
    "first_reply_at": True,
    "closed_at": True,
    "deleted_at": True,
    "visible_at": False,
}
"""The columns, and whether a ticket may be without."""


def ticket_sort(field: str, *, descending: bool) -> Sort:
    """The order of tickets by a field of TicketOrderField, in lower case."""
    if field == "number":
        return Sort("number", "t.id", lambda row: row.id, descending, unique=True)
    if field == "priority":
        return Sort("priority", URGENCY_SQL, lambda row: URGENCY[row.priority], descending)
    return Sort(
        field,
        f"t.{field}",
        lambda row: getattr(row, field),
        descending,
        holds=datetime,
        nullable=TIMES[field],
    )


async def tickets(
    by: OperatorCaller, wanted: TicketFilter | None, sort: Sort, request: PageRequest
) -> Page[Ticket]:
    """The operator's ticket list: one statement, whatever is filtered."""
    return await _tickets(Every((by.condition, await condition_of(wanted, by))), sort, request)


async def tickets_of_contact(
    by: ContactCaller, *, is_open: bool | None, search: str | None, request: PageRequest
) -> Page[Ticket]:
    """The contact's tickets, the one with the latest visible change first."""
    parts = [by.condition, search_condition(search, visible_only=True)]
    if is_open is not None:
        closed = Is("turn", "CLOSED")
        parts.append(Not(closed) if is_open else closed)
    sort = ticket_sort("visible_at", descending=True)
    return await _tickets(Every(tuple(parts)), sort, request)


async def deleted_tickets(by: OperatorCaller, request: PageRequest) -> Page[Ticket]:
    """Deleted tickets, for those with the right to delete."""
    if not by.sight.has(Right.TICKETS_DELETE):
        raise RequestRefused("FORBIDDEN", "Your profile has no right to delete tickets.")
    return await _tickets(by.sight.deleted(), ticket_sort("deleted_at", descending=True), request)


async def tickets_in_limbo(request: PageRequest) -> Page[Ticket]:
    """Tickets that nobody sees, other than through a right to see all."""
    return await _tickets(await limbo(), ticket_sort("updated_at", descending=True), request)


async def operators(
    request: PageRequest, search: str | None = None, *, active: bool | None = None
) -> Page[Operator]:
    """The staff, by name; those whose name or address contains the text."""
    sort = Sort("name", "t.name", lambda row: row.name, holds=str)
    state = ALWAYS if active is None else Is("active", value=active)
    return await rows_of(Operator, "operator", Every((named(search), state)), sort, request)


async def contacts(by: OperatorCaller, search: str | None, request: PageRequest) -> Page[Contact]:
    """Contacts whose name or address contains the text; none without the right to view them.

    Who was merged into another is that one, and no longer there.
    """
    allowed = Is("merged_into_id", None) if by.sight.has(Right.CONTACTS_VIEW) else NEVER
    condition = Every((allowed, named(search)))
    sort = Sort("contact", "t.id", lambda row: row.id, unique=True)
    return await rows_of(Contact, "contact", condition, sort, request)


async def rows_of(
    model: type[ModelT], table: str, condition: Condition, sort: Sort, request: PageRequest
) -> Page[ModelT]:
    """A page of any table."""

    async def load(sql: str, to: Statement) -> list[ModelT]:
        return await instances(model, sql, to)

    return await _paged(
        request,
        sort,
        condition,
        select=lambda _: f"SELECT t.* FROM {table} t",
        load=load,
        count=lambda: _count(table, condition),
    )


async def _tickets(condition: Condition, sort: Sort, request: PageRequest) -> Page[Ticket]:
    return await _paged(
        request,
        sort,
        condition,
        select=lambda to: f"SELECT t.*, {rows.LOCKED.format(now=to.now)} FROM ticket t",
        load=rows.load,
        count=lambda: rows.count(condition),
    )


async def _paged(
    request: PageRequest,
    sort: Sort,
    condition: Condition,
    *,
    select: Callable[[Statement], str],
    load: Callable[[str, Statement], Awaitable[list[ModelT]]],
    count: Callable[[], Awaitable[int]],
) -> Page[ModelT]:
    try:
        return await page(request, sort, condition.sql, select=select, load=load, count=count)
    except BadPage as error:
        raise RequestRefused("BAD_REQUEST", str(error)) from None


async def _count(table: str, condition: Condition) -> int:
    to = Statement()
    found = await query(f"SELECT count(*) AS n FROM {table} t WHERE {condition.sql(to)}", to)
    total: int = found[0]["n"]
    return total
