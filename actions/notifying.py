"""Who is told of what was written: rows of the same transaction, one at most for each operator."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from actions.events import Notified
from actions.unit_of_work import record
from models.callers import Automation, Caller, OperatorCaller
from models.desk import Department
from models.enums import EntryKind, NotificationKind, SystemEventKind
from models.people import Operator
from models.sights import members_of, members_of_department, sights_of
from models.sql import Statement, rows
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


@dataclass(frozen=True)
class Audience:
    """What there is to be told, and the operators who might be: they see the ticket after it."""

    concerns: Sequence[Concern] = ()
    operators: Sequence[Operator] = ()

    def told(self, muted: Callable[[Operator], list[str]]) -> dict[Concern, list[Operator]]:
        """Whom to tell what, each once, what concerns them most and is not `muted`."""
        found: dict[Concern, list[Operator]] = defaultdict(list)
        for one in self.operators:
            off = muted(one)
            wanted = (
                concern
                for concern in self.concerns
                if one.id in concern.operators and concern.kind not in off
            )
            foremost = next(wanted, None)
            if foremost is not None:
                found[foremost].append(one)
        return found


async def tell(written: Written) -> Audience:
    """Write the notifications: to whoever it concerns, sees the ticket after it, and wants it.

    Of one write an operator is told once, what concerns them most. The number of statements does
    not depend on how many there are. The result serves those who tell by other ways.
    """
    audience = await _audience(written)
    for concern, operators in audience.told(lambda one: one.muted_in_app).items():
        await _write(concern, [one.id for one in operators], written)
        for one in operators:
            record(Notified(one.id))
    return audience


async def _audience(written: Written) -> Audience:
    concerns = [one async for one in _concerns(written)]
    themselves = {written.author.id} if isinstance(written.author, OperatorCaller) else set[int]()
    concerned = frozenset[int]().union(*(one.operators for one in concerns)) - themselves
    if not concerned:
        return Audience(concerns)
    sights = await sights_of(sorted(concerned))
    seeing = [one.operator_id for one in sights if one.sees(written.ticket)]
    found = await Operator.filter(id__in=seeing).order_by("id") if seeing else []
    return Audience(concerns, found)


async def _write(concern: Concern, operator_ids: list[int], written: Written) -> None:
    """One statement for all of them: the ticket is held while it runs."""
    to = Statement()
    columns = ", ".join(
        to.add(value)
        for value in (
            concern.kind.value,
            written.ticket.id,
            concern.entry_number,
            written.entries[-1].created_at,
        )
    )
    sql = f"""
        INSERT INTO notification (operator_id, kind, ticket_id, entry_number, created_at)
        SELECT id, {columns} FROM operator WHERE {to.among("id", operator_ids)} ORDER BY id
        RETURNING id"""
    await rows(sql, to)


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
