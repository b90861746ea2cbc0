"""The ticket filter and order, as inputs."""

from datetime import datetime
from enum import Enum
from typing import Annotated, TypeVar

import strawberry

from models.enums import Level, Priority, Severity, TicketSource, Turn
from models.paging import Sort
from resolvers import filters, lists
from resolvers.ids import local_id
from schema.core import described

T = TypeVar("T")


class TicketOrderField(Enum):
    """What a ticket list may be sorted by."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    LAST_POST_AT = "last_post_at"
    LAST_CONTACT_POST_AT = "last_contact_post_at"
    LAST_OPERATOR_REPLY_AT = "last_operator_reply_at"
    FIRST_REPLY_AT = "first_reply_at"
    CLOSED_AT = "closed_at"
    PRIORITY = "priority"
    NUMBER = "number"


class OrderDirection(Enum):
    """Which way."""

    ASC = "asc"
    DESC = "desc"


described(
    TicketOrderField,
    "What tickets are sorted by; those without the time come last.",
    CREATED_AT="When it was opened.",
    UPDATED_AT="When somebody last posted or changed something.",
    LAST_POST_AT="When somebody last wrote to the other side.",
    LAST_CONTACT_POST_AT="When the contact last wrote.",
    LAST_OPERATOR_REPLY_AT="When the desk last answered.",
    FIRST_REPLY_AT="When the desk first answered.",
    CLOSED_AT="When it was closed.",
    PRIORITY="By urgency.",
    NUMBER="By number.",
)
described(OrderDirection, "Which way.", ASC="Least first.", DESC="Greatest first.")


@strawberry.input(description="A span of time; an open end is left out.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(
        default=None, name="from", description="From here on, itself included."
    )
    to: datetime | None = strawberry.field(default=None, description="Up to here, itself excluded.")


@strawberry.input(description="Whose: any of those said true (or named), none of those said false.")
class AssigneeFilter:
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="This operator's."
    )
    group_id: strawberry.ID | None = strawberry.field(default=None, description="This group's.")
    me: bool | None = strawberry.field(default=None, description="The viewer's.")
    my_groups: bool | None = strawberry.field(
        default=None, description="Of a group the viewer is in."
    )
    nobody: bool | None = strawberry.field(default=None, description="Assigned to nobody.")


@strawberry.input(
    description="Everything given must hold; a list means any of its members, an empty one none."
)
class TicketFilter:
    turn: list[Turn] | None = strawberry.field(default=None, description="Who must speak next.")
    department_id: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these departments."
    )
    category_id: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In one of these, or their descendants."
    )
    level: Level | None = strawberry.field(default=None, description="At this level.")
    assignee: AssigneeFilter | None = strawberry.field(default=None, description="Whose.")
    contact_id: strawberry.ID | None = strawberry.field(default=None, description="This contact's.")
    source: list[TicketSource] | None = strawberry.field(
        default=None, description="Where it came in."
    )
    priority: list[Priority] | None = strawberry.field(default=None, description="How soon.")
    severity: list[Severity] | None = strawberry.field(default=None, description="How bad.")
    tag: list[str] | None = strawberry.field(default=None, description="Carries one of these.")
    created_at: DateTimeRange | None = strawberry.field(default=None, description="Opened then.")
    updated_at: DateTimeRange | None = strawberry.field(default=None, description="Changed then.")
    last_post_at: DateTimeRange | None = strawberry.field(
        default=None, description="Last post then."
    )
    closed_at: DateTimeRange | None = strawberry.field(default=None, description="Closed then.")
    unread: bool | None = strawberry.field(
        default=None, description="Somebody else posted after the viewer's read mark."
    )
    search: str | None = strawberry.field(
        default=None,
        description=(
            "Words, or beginnings of words, of number, subject, contact or posts; all must occur."
        ),
    )
    organisation_id: list[strawberry.ID] | None = strawberry.field(
        default=None, description="The contact belongs to one of these."
    )
    has_attachments: bool | None = strawberry.field(default=None, description="Has files.")
    open: bool | None = strawberry.field(default=None, description="Not closed.")

    def wanted(self) -> filters.TicketFilter:
        return filters.TicketFilter(
            turn=_tuple(self.turn),
            department_ids=_ids(self.department_id, "Department"),
            category_ids=_ids(self.category_id, "Category"),
            level=self.level,
            assignee=_assignee(self.assignee),
            contact_id=None if self.contact_id is None else local_id(self.contact_id, "Contact"),
            organisation_ids=_ids(self.organisation_id, "Organisation"),
            source=_tuple(self.source),
            priority=_tuple(self.priority),
            severity=_tuple(self.severity),
            tags=_tuple(self.tag),
            created_at=_span(self.created_at),
            updated_at=_span(self.updated_at),
            last_post_at=_span(self.last_post_at),
            closed_at=_span(self.closed_at),
            unread=self.unread,
            has_attachments=self.has_attachments,
            open=self.open,
            search=self.search,
        )


Filter = Annotated[TicketFilter | None, strawberry.argument(description="Which tickets.")]


@strawberry.input(description="How a ticket list is sorted; ties by number.")
class TicketOrder:
    field: TicketOrderField = strawberry.field(description="By what.")
    direction: OrderDirection = strawberry.field(description="Which way.")

    def sort(self) -> Sort:
        descending = self.direction is OrderDirection.DESC
        return lists.ticket_sort(self.field.value, descending=descending)


def _tuple(values: list[T] | None) -> tuple[T, ...] | None:
    return None if values is None else tuple(values)


def _ids(gids: list[strawberry.ID] | None, kind: str) -> tuple[int, ...] | None:
    return None if gids is None else tuple(local_id(gid, kind) for gid in gids)


def _span(span: DateTimeRange | None) -> filters.Between | None:
    return None if span is None else (span.from_, span.to)


def _assignee(given: AssigneeFilter | None) -> filters.AssigneeFilter | None:
    if given is None:
        return None
    return filters.AssigneeFilter(
        operator_id=None if given.operator_id is None else local_id(given.operator_id, "Operator"),
        group_id=None if given.group_id is None else local_id(given.group_id, "Group"),
        me=given.me,
        my_groups=given.my_groups,
        nobody=given.nobody,
    )
