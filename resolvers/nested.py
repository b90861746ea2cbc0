"""Lists inside tickets: one statement for all tickets of a list, however many there are."""

from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from models.conditions import ALWAYS, Condition, Is, Not
from models.documents import Document
from models.paging import BadPage, Page, PageRequest, Sort, cut
from models.sql import Statement, instances, rows
from models.timeline import TimelineEntry
from resolvers.errors import RequestRefused
from resolvers.sharing import SharedLoader


@dataclass(frozen=True)
class Inner:
    """A kind of list a ticket has."""

    model: type[Model]
    table: str
    sort: Sort
    condition: Condition = ALWAYS


_NUMBER = Sort("entry", "t.number", lambda row: row.number, unique=True)
_VISIBLE = Sort("message", "t.visible_number", lambda row: row.visible_number, unique=True)
"""Of nothing but what is visible: the row's id would tell how many notes and events there are."""
_ID = Sort("document", "t.id", lambda row: row.id, unique=True)

TIMELINE = Inner(TimelineEntry, "timeline_entry", _NUMBER)
"""The whole history."""
MESSAGES = Inner(TimelineEntry, "timeline_entry", _VISIBLE, Not(Is("visible_number", None)))
"""What the contact can see of it."""
ATTACHMENTS = Inner(Document, "document", _ID)
"""Every file."""
VISIBLE_ATTACHMENTS = Inner(Document, "document", _ID, Not(Is("internal", value=True)))
"""The contact's and the desk's, without those of notes."""

Key = tuple[Inner, PageRequest, int]


class NestedLists:
    """Loads pages of inner lists, and their counts, for many tickets at once."""

    def __init__(self) -> None:
        self._pages: SharedLoader[Key, list[Any]] = SharedLoader(load_fn=_pages)
        self._counts: SharedLoader[tuple[Inner, int], int] = SharedLoader(load_fn=_counts)

    async def page(self, inner: Inner, ticket_id: int, request: PageRequest) -> Page[Any]:
        """A page of the ticket's list; raises RequestRefused for arguments that cannot be used."""
        try:
            found = await self._pages.load((inner, request, ticket_id))
        except BadPage as error:
            raise RequestRefused("BAD_REQUEST", str(error)) from None

        def count() -> Awaitable[int]:
            return self._counts.load((inner, ticket_id))

        return cut(found, request, inner.sort, count)


async def _pages(keys: list[Key]) -> list[list[Any]]:
    groups: dict[tuple[Inner, PageRequest], list[int]] = defaultdict(list)
    for inner, request, ticket_id in keys:
        groups[inner, request].append(ticket_id)
    found: dict[Key, list[Any]] = {}
    for (inner, request), ticket_ids in groups.items():
        by_ticket = await _rows(inner, request, ticket_ids)
        for ticket_id in ticket_ids:
            found[inner, request, ticket_id] = by_ticket[ticket_id]
    return [found[key] for key in keys]


async def _rows(inner: Inner, request: PageRequest, ticket_ids: list[int]) -> dict[int, list[Any]]:
    to = Statement()
    order = inner.sort.order(backward=request.backward)
    cursor = request.before if request.backward else request.after
    terms = [to.among("t.ticket_id", ticket_ids), inner.condition.sql(to)]
    if cursor is not None:
        terms.append(inner.sort.beyond(cursor, to, backward=request.backward))
    sql = f"""
        SELECT * FROM (
            SELECT t.*, ROW_NUMBER() OVER (PARTITION BY t.ticket_id ORDER BY {order}) AS place
            FROM {inner.table} t WHERE {" AND ".join(terms)}) ranked
        WHERE place <= {to.add(request.size + 1)} ORDER BY ticket_id, place"""
    by_ticket: dict[int, list[Any]] = defaultdict(list)
    for row in await instances(inner.model, sql, to):
        owner: Any = row
        by_ticket[owner.ticket_id].append(row)
    return by_ticket


async def _counts(keys: list[tuple[Inner, int]]) -> list[int]:
    found: dict[tuple[Inner, int], int] = {}
    for inner in {inner for inner, _ in keys}:
        to = Statement()
        among = to.among("t.ticket_id", (id for kind, id in keys if kind is inner))
        sql = f"""
            SELECT t.ticket_id, count(*) AS n FROM {inner.table} t
            WHERE {among} AND {inner.condition.sql(to)} GROUP BY t.ticket_id"""
        for row in await rows(sql, to):
            found[inner, row["ticket_id"]] = row["n"]
    return [found.get(key, 0) for key in keys]
