"""Who is told of what was written: rows of the same transaction, one at most for each operator."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from actions.events import Notified
from actions.unit_of_work import record
from models.callers import Automation, Caller, OperatorCaller
from models.desk import Department
from models.enums import EntryKind, NotificationKind, SystemEventKind
from models.notifications import Notification
from models.people import Operator
from models.sights import members_of, members_of_department, sights_of
from models.tickets import Ticket
from models.timeline import TimelineEntry


@dataclass(frozen=True)
class Written:
    """What a write did to a ticket, as far as somebody may be told of it."""

    ticket: Ticket
    """As it is after."""
    entries: Sequence[TimelineEntry]
    author: Caller | Automation
    reassigned: bool
    """Somebody has it now who had it not, or had it otherwise."""

    @property
    def opening(self) -> bool:
        """Whether the ticket began with it."""
        return bool(self.entries) and self.entries[0].number == 1


@dataclass(frozen=True)
class Concern:
    """One thing to be told, and whom it concerns."""

    kind: NotificationKind
    entry_number: int
    operators: frozenset[int]


async def tell(written: Written) -> None:
    """Write the notifications: to whoever it concerns, sees the ticket after it, and wants it.

    Of one write an operator is told once, what concerns them most. The number of statements does
    not depend on how many there are.
    """
    concerns = [one async for one in _concerns(written)]
    themselves = {written.author.id} if isinstance(written.author, OperatorCaller) else set[int]()
    concerned = frozenset[int]().union(*(one.operators for one in concerns)) - themselves
    if not concerned:
        return
    sights = await sights_of(sorted(concerned))
    seeing = [one.operator_id for one in sights if one.sees(written.ticket)]
    told: list[Notification] = []
    for operator in await Operator.filter(id__in=seeing).order_by("id") if seeing else ():
        concern = _foremost(concerns, operator)
        if concern is not None:
            told.append(_notification(concern, operator, written))
    if told:
        await Notification.bulk_create(told)
    for one in told:
        record(Notified(one.operator_id))


def _foremost(concerns: Sequence[Concern], operator: Operator) -> Concern | None:
    """The first that concerns them and is not switched off."""
    for one in concerns:
        if operator.id in one.operators and one.kind.value not in operator.muted_in_app:
            return one
    return None


def _notification(concern: Concern, operator: Operator, written: Written) -> Notification:
    return Notification(
        operator_id=operator.id,
        kind=concern.kind,
        ticket_id=written.ticket.id,
        entry_number=concern.entry_number,
        created_at=written.entries[-1].created_at,
    )


async def _concerns(written: Written) -> AsyncIterator[Concern]:
    """What there is to be told, what concerns a person most before what concerns many."""
    for entry in written.entries:
        if entry.mentions:
            yield Concern(NotificationKind.MENTIONED, entry.number, frozenset(entry.mentions))
    if written.reassigned:
        yield Concern(
            NotificationKind.ASSIGNED, _assigned_by(written), await _assignees(written.ticket)
        )
    if written.opening:
        yield Concern(NotificationKind.NEW_TICKET, 1, await _notified_members(written.ticket))
        return
    for entry in written.entries:
        if entry.kind is EntryKind.CONTACT_MESSAGE and not entry.automatic:
            whose = await _assignees(written.ticket)
            yield Concern(NotificationKind.CONTACT_REPLIED, entry.number, whose)


def _assigned_by(written: Written) -> int:
    """The entry that says so; one given at the opening has none but the first."""
    events = (one for one in written.entries if one.event is SystemEventKind.ASSIGNED)
    return next((one.number for one in events), written.entries[0].number)


async def _assignees(ticket: Ticket) -> frozenset[int]:
    if ticket.assignee_operator_id is not None:
        return frozenset({ticket.assignee_operator_id})
    if ticket.assignee_group_id is not None:
        return await members_of(ticket.assignee_group_id)
    return frozenset()


async def _notified_members(ticket: Ticket) -> frozenset[int]:
    """Of the ticket's department, where it wants them told."""
    department = await Department.get_or_none(id=ticket.department_id or 0, notify_members=True)
    return await members_of_department(department.id) if department is not None else frozenset()
