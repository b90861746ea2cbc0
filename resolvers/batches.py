"""Batches of rows: one statement for any number of keys, an answer for each in their order."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from tortoise.models import Model

from models.desk import (
    Category,
    CategoryGrant,
    DepartmentGroup,
    DepartmentOperator,
)
from models.documents import Document
from models.hierarchy import GroupMember, OperatorGroup
from models.people import Operator
from models.sessions import Session
from models.sights import members_of_each
from models.sql import Statement, instances
from models.timeline import TimelineEntry

ModelT = TypeVar("ModelT", bound=Model)


def by_id(model: type[ModelT]) -> Callable[[list[int]], Awaitable[list[ModelT | None]]]:
    """Rows of a table by id."""

    async def load(ids: list[int]) -> list[ModelT | None]:
        found: dict[int, ModelT] = {one.pk: one for one in await model.filter(id__in=ids)}
        return [found.get(id) for id in ids]

    return load


async def api_tokens(operator_ids: list[int]) -> list[list[Session]]:
    found: dict[int, list[Session]] = defaultdict(list)
    tokens = Session.filter(operator_id__in=operator_ids, scopes__isnull=False)
    for token in await tokens.order_by("-id"):
        found[token.operator_id or 0].append(token)
    return [found[id] for id in operator_ids]


async def lines_of_groups(group_ids: list[int]) -> list[list[GroupMember]]:
    found: dict[int, list[GroupMember]] = defaultdict(list)
    for line in await GroupMember.filter(group_id__in=group_ids).order_by("id"):
        found[line.group_id].append(line)
    return [found[id] for id in group_ids]


async def operators_of_groups(group_ids: list[int]) -> list[list[Operator]]:
    members = dict(zip(group_ids, await members_of_each(group_ids), strict=True))
    wanted = frozenset[int]().union(*members.values())
    every = await Operator.filter(id__in=sorted(wanted)).order_by("name", "id")
    return [[one for one in every if one.id in members[id]] for id in group_ids]


async def operators_of_departments(department_ids: list[int]) -> list[list[Operator]]:
    found: dict[int, list[Operator]] = defaultdict(list)
    lines = DepartmentOperator.filter(department_id__in=department_ids)
    for line in await lines.prefetch_related("operator"):
        found[line.department_id].append(line.operator)
    return [sorted(found[id], key=lambda one: (one.name, one.id)) for id in department_ids]


async def groups_of_departments(keys: list[tuple[int, bool]]) -> list[list[OperatorGroup]]:
    found: dict[tuple[int, bool], list[OperatorGroup]] = defaultdict(list)
    lines = DepartmentGroup.filter(department_id__in=[id for id, _ in keys])
    for line in await lines.prefetch_related("group"):
        found[line.department_id, line.public].append(line.group)
    return [sorted(found[key], key=lambda one: (one.name, one.id)) for key in keys]


async def children_of(parent_ids: list[int]) -> list[list[Category]]:
    found: dict[int, list[Category]] = defaultdict(list)
    children = Category.filter(parent_id__in=parent_ids)
    for one in await children.order_by("position", "name", "id"):
        found[one.parent_id or 0].append(one)
    return [found[id] for id in parent_ids]


def grants_by(column: str) -> Callable[[list[int]], Awaitable[Sequence[list[CategoryGrant]]]]:
    async def load(ids: list[int]) -> list[list[CategoryGrant]]:
        found: dict[int, list[CategoryGrant]] = defaultdict(list)
        for grant in await CategoryGrant.filter(**{f"{column}__in": ids}).order_by("id"):
            found[getattr(grant, column)].append(grant)
        return [found[id] for id in ids]

    return load


async def documents(entry_ids: list[int]) -> list[list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    for document in await Document.filter(entry_id__in=entry_ids).order_by("id"):
        found[document.entry_id].append(document)
    return [found[id] for id in entry_ids]


async def entries(keys: list[tuple[int, int]]) -> list[TimelineEntry | None]:
    to = Statement()
    pairs = " OR ".join(
        f"(ticket_id = {to.add(ticket)} AND number = {to.add(number)})" for ticket, number in keys
    )
    sql = f"SELECT * FROM timeline_entry WHERE {pairs}"
    found = {(one.ticket_id, one.number): one for one in await instances(TimelineEntry, sql, to)}
    return [found.get(key) for key in keys]
