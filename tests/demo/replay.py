"""Tells a ticket's history again from its entries alone, to be compared with its row."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from itertools import groupby

from models.desk import Category, Department
from models.documents import Document
from models.enums import EntryKind, Level, SystemEventKind, Turn
from models.hierarchy import OperatorGroup
from models.people import Contact, Operator
from models.tickets import Ticket
from models.timeline import TimelineEntry


@dataclass(frozen=True)
class History:
    """A ticket with all that hangs on it."""

    ticket: Ticket
    contact: Contact
    entries: list[TimelineEntry]
    documents: list[Document]


@dataclass(frozen=True)
class Write:
    """Entries written at once, and the ticket before and after them."""

    entries: list[TimelineEntry]
    before: Ticket
    after: Ticket


@dataclass(frozen=True)
class Names:
    """What events call by name."""

    categories: dict[str | None, int | None]
    departments: dict[str | None, int | None]
    operators: dict[str | None, int | None]
    groups: dict[str | None, int | None]

    @classmethod
    async def load(cls) -> "Names":
        return cls(
            {None: None, **{one.name: one.id for one in await Category.all()}},
            {None: None, **{one.name: one.id for one in await Department.all()}},
            {None: None, **{one.name: one.id for one in await Operator.all()}},
            {None: None, **{one.name: one.id for one in await OperatorGroup.all()}},
        )


async def histories() -> list[History]:
    """Every ticket's."""
    contacts = {one.id: one for one in await Contact.all()}
    entries = await TimelineEntry.all().order_by("ticket_id", "number")
    documents = await Document.all()
    by_ticket = {id: list(few) for id, few in groupby(entries, lambda one: one.ticket_id)}
    return [
        History(
            ticket,
            contacts[ticket.contact_id],
            by_ticket[ticket.id],
            [one for one in documents if one.ticket_id == ticket.id],
        )
        for ticket in await Ticket.all().order_by("id")
    ]


def turns(entries: list[TimelineEntry]) -> Iterator[Turn]:
    """The turn after each entry, by the turn table; where another ticket joins, as recorded."""
    turn = entries[0].turn_after
    for entry in entries:
        if entry.kind is EntryKind.CONTACT_MESSAGE:
            turn = Turn.OPERATOR
        elif entry.kind is EntryKind.OPERATOR_REPLY:
            turn = Turn.CONTACT
        elif entry.event is SystemEventKind.CLOSED or leaves(entry):
            turn = Turn.CLOSED
        elif entry.event is SystemEventKind.MERGED:
            turn = entry.turn_after
        yield turn


def leaves(entry: TimelineEntry) -> bool:
    """Whether by this event the ticket was merged into another."""
    return any(change.field == "mergedInto" for change in entry.field_changes())


def writes(history: History, names: Names) -> list[Write]:
    """What was written at once, last first, with the state the ticket was in: undone backwards."""
    state = copy(history.ticket)
    found: list[Write] = []
    together = groupby(history.entries, lambda one: (one.created_at, one.operator_id))
    for entries in reversed([list(few) for _, few in together]):
        after = copy(state)
        for entry in reversed(entries):
            for change in entry.field_changes():
                _undo(state, change.field, change.from_, names)
        found.append(Write(entries, copy(state), after))
    return found


def _undo(ticket: Ticket, field: str, value: str | None, names: Names) -> None:
    if field == "category":
        ticket.category_id = names.categories[value]
    elif field == "department":
        ticket.department_id = names.departments[value]
    elif field == "level":
        ticket.level = Level(value or "")
    elif field == "assignee":
        ticket.assignee_group_id = names.groups.get(value)
        ticket.assignee_operator_id = names.operators.get(value)
