"""Rows by key, batched: one statement per kind and event, however many rows are shown."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tortoise.models import Model

from models import rows
from models.categories import ContactChoices, Coverage, contact_choices
from models.conditions import Condition
from models.desk import (
    Category,
    CategoryGrant,
    Department,
    DepartmentGroup,
    DepartmentOperator,
    Desk,
)
from models.documents import Document
from models.drafts import Draft
from models.enums import DraftKind
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Contact, ContactGroup, Operator, Organisation
from models.sessions import Session
from models.sights import Places, members_of_each, places_of
from models.sql import Statement, instances, rows as query
from models.tickets import Ticket
from models.timeline import TimelineEntry
from models.unread import unread_sql
from resolvers.nested import NestedLists
from resolvers.sharing import SharedLoader
from resolvers.together import Together

ModelT = TypeVar("ModelT", bound=Model)


def by_id(model: type[ModelT]) -> SharedLoader[int, ModelT | None]:
    """Rows of a table by id."""

    async def load(ids: list[int]) -> list[ModelT | None]:
        found: dict[int, ModelT] = {one.pk: one for one in await model.filter(id__in=ids)}
        return [found.get(id) for id in ids]

    return SharedLoader(load_fn=load)


class Loaders:
    """What everybody who may see the ticket sees alike: shared by all viewers of a change."""

    def __init__(self) -> None:
        self.operators = by_id(Operator)
        self.contacts = by_id(Contact)
        self.organisations = by_id(Organisation)
        self.contact_groups = by_id(ContactGroup)
        self.departments = by_id(Department)
        self.categories = by_id(Category)
        self.groups = by_id(OperatorGroup)
        self.roles = by_id(Role)
        self.profiles = by_id(Profile)
        self.places: SharedLoader[int, Places] = SharedLoader(load_fn=places_of)
        """By operator id."""
        self.api_tokens = SharedLoader(load_fn=_api_tokens)
        """By operator id, the latest first."""
        self.documents = SharedLoader(load_fn=_documents)
        """By entry id."""
        self.entries = SharedLoader(load_fn=_entries)
        """By (ticket id, number)."""
        self.children_of = SharedLoader(load_fn=_children_of)
        """Categories by their parent's id."""
        self.grants_of_operators = SharedLoader(load_fn=_grants_by("operator_id"))
        self.grants_of_categories = SharedLoader(load_fn=_grants_by("category_id"))
        self.lines_of_groups = SharedLoader(load_fn=_lines_of_groups)
        self.operators_of_groups = SharedLoader(load_fn=_operators_of_groups)
        self.operators_of_departments = SharedLoader(load_fn=_operators_of_departments)
        self.groups_of_departments = SharedLoader(load_fn=_groups_of_departments)
        """By (department id, public)."""
        self.nested = NestedLists()
        self._epoch: asyncio.Task[str] | None = None
        self._choices: asyncio.Task[ContactChoices] | None = None

    async def epoch(self) -> str:
        """The desk's epoch, for cursors, loaded once: side by side fields wait."""
        if self._epoch is None:
            self._epoch = asyncio.create_task(_epoch())
        return await asyncio.shield(self._epoch)

    async def coverage(self, category: Category) -> Coverage:
        """The active operators who handle a category."""
        grants = await self.grants_of_categories.load(category.id)
        operators = await asyncio.gather(*(self.operators.load(one.operator_id) for one in grants))
        return Coverage.of(category, grants, [one for one in operators if one is not None])

    async def contact_choices(self) -> ContactChoices:
        """The tree of categories as contacts see it, loaded once: side by side fields wait."""
        if self._choices is None:
            self._choices = asyncio.create_task(contact_choices())
        return await asyncio.shield(self._choices)


class OwnLoaders:
    """What depends on who looks."""

    def __init__(self, seen: Condition, operator_id: int, together: Together | None = None) -> None:
        """`together` is what was loaded for everybody who is shown the same change."""
        self.nested = NestedLists(seen)
        self.tickets: SharedLoader[int, Ticket | None] = SharedLoader(load_fn=_seen_by_id(seen))
        self.follow_ups: SharedLoader[int, list[Ticket]] = SharedLoader(load_fn=_follow_ups(seen))
        self.unread: SharedLoader[int, bool] = SharedLoader(load_fn=_unread(operator_id, together))
        self.drafts: SharedLoader[int, Draft | None] = SharedLoader(
            load_fn=_drafts(operator_id, together)
        )


async def _epoch() -> str:
    return (await Desk.get(id=1)).epoch


async def _api_tokens(operator_ids: list[int]) -> list[list[Session]]:
    found: dict[int, list[Session]] = defaultdict(list)
    tokens = Session.filter(operator_id__in=operator_ids, scopes__isnull=False)
    for token in await tokens.order_by("-id"):
        found[token.operator_id or 0].append(token)
    return [found[id] for id in operator_ids]


async def _lines_of_groups(group_ids: list[int]) -> list[list[GroupMember]]:
    found: dict[int, list[GroupMember]] = defaultdict(list)
    for line in await GroupMember.filter(group_id__in=group_ids).order_by("id"):
        found[line.group_id].append(line)
    return [found[id] for id in group_ids]


async def _operators_of_groups(group_ids: list[int]) -> list[list[Operator]]:
    members = dict(zip(group_ids, await members_of_each(group_ids), strict=True))
    wanted = frozenset[int]().union(*members.values())
    every = await Operator.filter(id__in=sorted(wanted)).order_by("name", "id")
    return [[one for one in every if one.id in members[id]] for id in group_ids]


async def _operators_of_departments(department_ids: list[int]) -> list[list[Operator]]:
    found: dict[int, list[Operator]] = defaultdict(list)
    lines = DepartmentOperator.filter(department_id__in=department_ids)
    for line in await lines.prefetch_related("operator"):
        found[line.department_id].append(line.operator)
    return [sorted(found[id], key=lambda one: (one.name, one.id)) for id in department_ids]


async def _groups_of_departments(keys: list[tuple[int, bool]]) -> list[list[OperatorGroup]]:
    found: dict[tuple[int, bool], list[OperatorGroup]] = defaultdict(list)
    lines = DepartmentGroup.filter(department_id__in=[id for id, _ in keys])
    for line in await lines.prefetch_related("group"):
        found[line.department_id, line.public].append(line.group)
    return [sorted(found[key], key=lambda one: (one.name, one.id)) for key in keys]


async def _children_of(parent_ids: list[int]) -> list[list[Category]]:
    found: dict[int, list[Category]] = defaultdict(list)
    children = Category.filter(parent_id__in=parent_ids)
    for one in await children.order_by("position", "name", "id"):
        found[one.parent_id or 0].append(one)
    return [found[id] for id in parent_ids]


def _grants_by(column: str) -> Callable[[list[int]], Awaitable[Sequence[list[CategoryGrant]]]]:
    async def load(ids: list[int]) -> list[list[CategoryGrant]]:
        found: dict[int, list[CategoryGrant]] = defaultdict(list)
        for grant in await CategoryGrant.filter(**{f"{column}__in": ids}).order_by("id"):
            found[getattr(grant, column)].append(grant)
        return [found[id] for id in ids]

    return load


async def _documents(entry_ids: list[int]) -> list[list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    for document in await Document.filter(entry_id__in=entry_ids).order_by("id"):
        found[document.entry_id].append(document)
    return [found[id] for id in entry_ids]


async def _entries(keys: list[tuple[int, int]]) -> list[TimelineEntry | None]:
    to = Statement()
    pairs = " OR ".join(
        f"(ticket_id = {to.add(ticket)} AND number = {to.add(number)})" for ticket, number in keys
    )
    sql = f"SELECT * FROM timeline_entry WHERE {pairs}"
    found = {(one.ticket_id, one.number): one for one in await instances(TimelineEntry, sql, to)}
    return [found.get(key) for key in keys]


def _seen_by_id(seen: Condition) -> Callable[[list[int]], Awaitable[Sequence[Ticket | None]]]:
    async def load(ids: list[int]) -> list[Ticket | None]:
        found = await rows.tickets_by_id(seen, frozenset(ids))
        return [found.get(id) for id in ids]

    return load


def _follow_ups(seen: Condition) -> Callable[[list[int]], Awaitable[Sequence[list[Ticket]]]]:
    async def load(ids: list[int]) -> list[list[Ticket]]:
        found: dict[int, list[Ticket]] = defaultdict(list)
        for ticket in await rows.follow_ups(seen, frozenset(ids)):
            found[ticket.follow_up_of_id or 0].append(ticket)
        return [found[id] for id in ids]

    return load


def _unread(
    operator_id: int, together: Together | None
) -> Callable[[list[int]], Awaitable[Sequence[bool]]]:
    async def load(ids: list[int]) -> list[bool]:
        if together is not None and together.covers(operator_id, ids):
            pairs = await together.unread()
            return [(operator_id, id) in pairs for id in ids]
        to = Statement()
        among = to.among("t.id", ids)
        sql = f"SELECT t.id FROM ticket t WHERE {among} AND {unread_sql(operator_id, to)}"
        found: set[Any] = {row["id"] for row in await query(sql, to)}
        return [id in found for id in ids]

    return load


def _drafts(
    operator_id: int, together: Together | None
) -> Callable[[list[int]], Awaitable[Sequence[Draft | None]]]:
    async def load(ids: list[int]) -> list[Draft | None]:
        if together is not None and together.covers(operator_id, ids):
            of_all = await together.drafts()
            return [of_all.get((operator_id, id)) for id in ids]
        drafts = await Draft.filter(
            operator_id=operator_id, ticket_id__in=ids, kind=DraftKind.REPLY
        )
        found = {draft.ticket_id: draft for draft in drafts}
        return [found.get(id) for id in ids]

    return load
