"""Lists inside the rows of a list: one statement for all of them, however many there are."""

from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from models.conditions import ALWAYS, NEVER, Condition, Is, Not
from models.documents import Document
from models.paging import BadPage, Page, PageRequest, Sort, cut
from models.people import Contact
from models.rows import LOCKED
from models.sql import Statement, instances, rows
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.errors import RequestRefused
from resolvers.lists import ticket_sort
from resolvers.sharing import SharedLoader


@dataclass(frozen=True)
class Inner:
    """A kind of list that rows of another kind have."""

    model: type[Model]
    tables: str
    """`t` among them, whose rows it lists."""
    sort: Sort
    condition: Condition = ALWAYS
    owner: str = "t.ticket_id"
    """Whose list a row is in."""


_NUMBER = Sort("entry", "t.number", lambda row: row.number, unique=True)
_VISIBLE = Sort("message", "t.visible_number", lambda row: row.visible_number, unique=True)
"""Of nothing but what is visible: the row's id would tell how many notes and events there are."""
_ID = Sort("document", "t.id", lambda row: row.id, unique=True)
_CONTACT = Sort("contact", "t.id", lambda row: row.id, unique=True)
_LATEST = ticket_sort("updated_at", descending=True)

TIMELINE = Inner(TimelineEntry, "timeline_entry t", _NUMBER)
"""The whole history."""
MESSAGES = Inner(TimelineEntry, "timeline_entry t", _VISIBLE, Not(Is("visible_number", None)))
"""What the contact can see of it."""
ATTACHMENTS = Inner(Document, "document t", _ID)
"""Every file."""
VISIBLE_ATTACHMENTS = Inner(Document, "document t", _ID, Not(Is("internal", value=True)))
"""The contact's and the desk's, without those of notes."""
COLLEAGUES = Inner(
    Contact, "contact t", _CONTACT, Is("merged_into_id", None), owner="t.organisation_id"
)
"""Contacts of an organisation."""


def _tickets(owner: str, tables: str = "ticket t") -> Inner:
    return Inner(Ticket, tables, _LATEST, owner=owner)


TICKETS_OF_CONTACT = _tickets("t.contact_id")
TICKETS_OF_ORGANISATION = _tickets(
    "c.organisation_id", "ticket t JOIN contact c ON c.id = t.contact_id"
)
TICKETS_OF_CATEGORY = _tickets("t.category_id")
TICKETS_OF_DEPARTMENT = _tickets("t.department_id")
TICKETS_OF_GROUP = _tickets("t.assignee_group_id")
TICKETS_OF_OPERATOR = _tickets("t.assignee_operator_id")
"""Lists of tickets are loaded among what the viewer sees, and nowhere else: OwnLoaders."""

Key = tuple[Inner, PageRequest, int]


class NestedLists:
    """Loads pages of inner lists, and their counts, for many owners at once."""

    def __init__(self, seen: Condition | None = None) -> None:
        """`seen` is what the viewer sees of tickets; without it there are no lists of them."""
        self._seen = seen
        self._pages: SharedLoader[Key, list[Any]] = SharedLoader(load_fn=self._load_pages)
        self._counts: SharedLoader[tuple[Inner, int], int] = SharedLoader(load_fn=self._load_counts)

    async def page(self, inner: Inner, owner_id: int, request: PageRequest) -> Page[Any]:
        """A page of the owner's list; raises RequestRefused for arguments that cannot be used."""
        try:
            found = await self._pages.load((inner, request, owner_id))
        except BadPage as error:
            raise RequestRefused("BAD_REQUEST", str(error)) from None

        def count() -> Awaitable[int]:
            return self._counts.load((inner, owner_id))

        return cut(found, request, inner.sort, count)

    async def _load_pages(self, keys: list[Key]) -> list[list[Any]]:
        groups: dict[tuple[Inner, PageRequest], list[int]] = defaultdict(list)
        for inner, request, owner_id in keys:
            groups[inner, request].append(owner_id)
        found: dict[Key, list[Any]] = {}
        for (inner, request), owner_ids in groups.items():
            of_owner = await self._rows(inner, request, owner_ids)
            for owner_id in owner_ids:
                found[inner, request, owner_id] = of_owner[owner_id]
        return [found[key] for key in keys]

    async def _rows(
        self, inner: Inner, request: PageRequest, owner_ids: list[int]
    ) -> dict[int, list[Any]]:
        to = Statement()
        order = inner.sort.order(backward=request.backward)
        cursor = request.before if request.backward else request.after
        terms = [to.among(inner.owner, owner_ids), self._condition(inner).sql(to)]
        if cursor is not None:
            terms.append(inner.sort.beyond(cursor, to, backward=request.backward))
        of_tickets = inner.model is Ticket
        computed = f", {LOCKED.format(now=to.now)}" if of_tickets else ""
        sql = f"""
            SELECT * FROM (
                SELECT t.*{computed}, {inner.owner} AS owner_id,
                    ROW_NUMBER() OVER (PARTITION BY {inner.owner} ORDER BY {order}) AS place
                FROM {inner.tables} WHERE {" AND ".join(terms)}) ranked
            WHERE place <= {to.add(request.size + 1)} ORDER BY owner_id, place"""
        extra = ("owner_id", "locked") if of_tickets else ("owner_id",)
        of_owner: dict[int, list[Any]] = defaultdict(list)
        for row in await instances(inner.model, sql, to, extra):
            found: Any = row
            if of_tickets:
                found.locked = bool(found.locked)
            of_owner[found.owner_id].append(row)
        return of_owner

    async def _load_counts(self, keys: list[tuple[Inner, int]]) -> list[int]:
        found: dict[tuple[Inner, int], int] = {}
        for inner in {inner for inner, _ in keys}:
            to = Statement()
            among = to.among(inner.owner, (id for kind, id in keys if kind is inner))
            sql = f"""
                SELECT {inner.owner} AS owner_id, count(*) AS n FROM {inner.tables}
                WHERE {among} AND {self._condition(inner).sql(to)} GROUP BY {inner.owner}"""
            for row in await rows(sql, to):
                found[inner, row["owner_id"]] = row["n"]
        return [found.get(key, 0) for key in keys]

    def _condition(self, inner: Inner) -> Condition:
        if inner.model is not Ticket:
            return inner.condition
        return self._seen or NEVER
