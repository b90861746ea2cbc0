"""The ticket filter: what a client may ask for, as conditions."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from actions.texts import QUERY_WORDS, words
from models.callers import Caller, OperatorCaller
from models.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Every,
    Is,
    IsIn,
    Not,
    Related,
    Some,
    Tagged,
    Within,
)
from models.desk import Category
from models.enums import Level, Turn
from models.sql import Statement
from models.tree import Tree
from models.unread import Unread
from resolvers.errors import RequestRefused

Between = tuple[datetime | None, datetime | None]
SEARCH_MOST = 500
VALUES_MOST = 200
LAST_CODE_POINT = "\U0010ffff"
_SAID = {
    "department_ids": "departmentId",
    "category_ids": "categoryId",
    "organisation_ids": "organisationId",
    "tags": "tag",
}
"""Lists whose name in the API is another."""


@dataclass(frozen=True)
class AssigneeFilter:
    """Any of those said true; none of those said false."""

    operator_id: int | None = None
    group_id: int | None = None
    me: bool | None = None
    my_groups: bool | None = None
    nobody: bool | None = None


@dataclass(frozen=True)
class TicketFilter:
    """Everything given must hold; a list means any of its members."""

    turn: tuple[Turn, ...] | None = None
    department_ids: tuple[int, ...] | None = None
    category_ids: tuple[int, ...] | None = None
    level: Level | None = None
    assignee: AssigneeFilter | None = None
    contact_id: int | None = None
    organisation_ids: tuple[int, ...] | None = None
    source: tuple[str, ...] | None = None
    priority: tuple[str, ...] | None = None
    severity: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    created_at: Between | None = None
    updated_at: Between | None = None
    last_post_at: Between | None = None
    closed_at: Between | None = None
    unread: bool | None = None
    has_attachments: bool | None = None
    open: bool | None = None
    search: str | None = None


async def condition_of(wanted: TicketFilter | None, by: OperatorCaller) -> Condition:
    """The filter as a condition; one statement more when categories are asked for."""
    if wanted is None:
        return ALWAYS
    _check_lengths(wanted)
    parts = [
        *_columns(wanted),
        *_times(wanted),
        *_states(wanted, by),
        *_related(wanted),
    ]
    if wanted.category_ids is not None:
        tree = Tree({one.id: one.parent_id for one in await Category.all()})
        parts.append(IsIn("category_id", tree.under(wanted.category_ids)))
    if wanted.assignee is not None:
        parts.append(_assigned(wanted.assignee, by))
    return Every(tuple(parts))


def search_condition(text: str | None, *, visible_only: bool) -> Condition:
    """Every word of the text begins a word of the ticket; no words, no tickets; no text, all."""
    if text is None or not text.strip():
        return ALWAYS
    if len(text) > SEARCH_MOST:
        raise RequestRefused("BAD_REQUEST", f"Search for at most {SEARCH_MOST} characters.")
    prefixes = sorted(words(text))[:QUERY_WORDS]
    if not prefixes:
        return NEVER
    return Every(tuple(Related(HasWord(prefix, visible_only)) for prefix in prefixes))


@dataclass(frozen=True)
class HasWord:
    """A word of the ticket begins so. Such texts are values, so that equal conditions are equal."""

    prefix: str
    visible_only: bool

    def __call__(self, to: Statement) -> str:
        visible = "AND w.visible" if self.visible_only else ""
        return f"""EXISTS (SELECT 1 FROM ticket_word w WHERE w.ticket_id = t.id
            AND w.word >= {to.add(self.prefix)}
            AND w.word < {to.add(self.prefix + LAST_CODE_POINT)} {visible})"""


@dataclass(frozen=True)
class InOrganisations:
    """Its contact belongs to one of these."""

    ids: frozenset[int]

    def __call__(self, to: Statement) -> str:
        return (
            "EXISTS (SELECT 1 FROM contact c WHERE c.id = t.contact_id "
            f"AND {to.among('c.organisation_id', self.ids)})"
        )


def _check_lengths(wanted: TicketFilter) -> None:
    """A filter is for people: hundreds of values are a program that asks for the wrong thing."""
    for field in fields(wanted):
        value: object = getattr(wanted, field.name)
        if isinstance(value, tuple) and len(cast("tuple[object, ...]", value)) > VALUES_MOST:
            name = _SAID.get(field.name, field.name)
            message = f"filter.{name}: give at most {VALUES_MOST} values."
            raise RequestRefused("BAD_REQUEST", message)


def _columns(wanted: TicketFilter) -> list[Condition]:
    listed: dict[str, tuple[Any, ...] | None] = {
        "turn": wanted.turn,
        "department_id": wanted.department_ids,
        "source": wanted.source,
        "priority": wanted.priority,
        "severity": wanted.severity,
    }
    parts: list[Condition] = []
    parts.extend(
        IsIn(name, frozenset(values)) for name, values in listed.items() if values is not None
    )
    if wanted.level is not None:
        parts.append(Is("level", wanted.level))
    if wanted.contact_id is not None:
        parts.append(Is("contact_id", wanted.contact_id))
    if wanted.tags is not None:
        parts.append(Tagged(frozenset(wanted.tags)))
    return parts


def _times(wanted: TicketFilter) -> list[Condition]:
    spans = {
        "created_at": wanted.created_at,
        "updated_at": wanted.updated_at,
        "last_post_at": wanted.last_post_at,
        "closed_at": wanted.closed_at,
    }
    return [Within(column, *span) for column, span in spans.items() if span is not None]


def _states(wanted: TicketFilter, by: Caller) -> list[Condition]:
    parts: list[Condition] = []
    for said, part in (
        (wanted.unread, Related(Unread(by.id))),
        (wanted.has_attachments, Not(Is("attachment_count", 0))),
        (wanted.open, Not(Is("turn", Turn.CLOSED))),
    ):
        if said is not None:
            parts.append(part if said else Not(part))
    return parts


def _related(wanted: TicketFilter) -> list[Condition]:
    parts = [search_condition(wanted.search, visible_only=False)]
    if wanted.organisation_ids is not None:
        parts.append(Related(InOrganisations(frozenset(wanted.organisation_ids))))
    return parts


def _assigned(wanted: AssigneeFilter, by: OperatorCaller) -> Condition:
    nobody = Every((Is("assignee_operator_id", None), Is("assignee_group_id", None)))
    any_of: list[Condition] = []
    none_of: list[Condition] = []
    for said, part in (
        (wanted.me, Is("assignee_operator_id", by.id)),
        (wanted.my_groups, IsIn("assignee_group_id", by.sight.groups)),
        (wanted.nobody, nobody),
    ):
        if said is not None:
            (any_of if said else none_of).append(part)
    if wanted.operator_id is not None:
        any_of.append(Is("assignee_operator_id", wanted.operator_id))
    if wanted.group_id is not None:
        any_of.append(Is("assignee_group_id", wanted.group_id))
    parts: list[Condition] = [Not(part) for part in none_of]
    return Every((*parts, Some(tuple(any_of)))) if any_of else Every(tuple(parts))
