"""A ticket on its way through the desk: each act changes it as the action of that name would.

The rows are worked out in memory, by the same `Writing` that the actions use, and written later
all together (`rows`). No event rows: what is past must not set off mail or rules.
"""

from collections.abc import Sequence
from datetime import datetime

from actions.texts import Body
from actions.writing import Author, Change, Writing
from app.demo.desk import DemoDesk
from models.callers import ContactCaller, OperatorCaller
from models.desk import Category, Department
from models.documents import Upload
from models.enums import Level, Priority, Severity, SystemEventKind, TicketSource, Turn
from models.hierarchy import OperatorGroup
from models.people import Contact
from models.tickets import Ticket
from models.timeline import TimelineEntry

UNWRITTEN = 0
"""Stands for the number of a ticket until the database gives one; entries ask for some."""
Assignee = OperatorCaller | OperatorGroup | None


class Conversation:
    """One ticket with its contact, entries and files; nothing is stored yet."""

    def __init__(self, desk: DemoDesk, ticket: Ticket, contact: Contact) -> None:
        self.desk = desk
        self.ticket = ticket
        self.ticket.id = UNWRITTEN
        self.contact = contact
        self.entries: list[TimelineEntry] = []
        self.files: list[tuple[TimelineEntry, Sequence[Upload]]] = []
        self.links: list[tuple[TimelineEntry, str, Conversation]] = []
        """Events that name another ticket, whose number is not known before it is written."""
        self.follow_up_of: Conversation | None = None
        self.merged_into: Conversation | None = None

    @property
    def at(self) -> datetime:
        """When something last happened."""
        return self.entries[-1].created_at

    @property
    def last_post(self) -> datetime:
        """When somebody last spoke."""
        return self.ticket.last_post_at or self.ticket.created_at

    # --- posts

    async def reply(
        self,
        at: datetime,
        by: OperatorCaller,
        body: Body,
        files: Sequence[Upload] = (),
        *,
        close: bool = False,
    ) -> None:
        """The desk's words; with `close`, the last ones."""
        writing = Writing(self.ticket, at, by)
        self._keep(await writing.reply(body, files), files)
        if close:
            writing.close()
        self._done(writing)

    def message(
        self,
        at: datetime,
        by: OperatorCaller | ContactCaller,
        body: Body,
        source: TicketSource,
        files: Sequence[Upload] = (),
    ) -> None:
        """The contact's words, a colleague's, or a call that an operator wrote down."""
        writing = Writing(self.ticket, at, by)
        spoken = isinstance(by, OperatorCaller)
        entry = writing.message(
            body,
            source,
            files,
            contact_id=self.contact.id if spoken else by.id,
            verified=not spoken,
        )
        self._keep(entry, files)
        self._done(writing)

    def note(
        self,
        at: datetime,
        by: OperatorCaller,
        body: Body,
        mentions: Sequence[OperatorCaller] = (),
        files: Sequence[Upload] = (),
    ) -> None:
        """Said among operators."""
        writing = Writing(self.ticket, at, by)
        self._keep(writing.note(body, files, [one.id for one in mentions]), files)
        self._done(writing)

    # --- events

    def assign(self, at: datetime, by: OperatorCaller, to: Assignee) -> None:
        """Give it to an operator or a group, or let it go."""
        writing = Writing(self.ticket, at, by)
        self._give(writing, to)
        self._done(writing)

    def change_level(
        self, at: datetime, by: OperatorCaller, level: Level, note: str | None = None
    ) -> None:
        """Raise or lower the level."""
        writing = Writing(self.ticket, at, by)
        self._set_level(writing, level, note)
        self._finish(writing)

    def change_category(
        self, at: datetime, by: OperatorCaller, category: Category, note: str | None = None
    ) -> None:
        """Another category; the department follows, the level rises to its initial one."""
        writing = Writing(self.ticket, at, by)
        self._set_category(writing, category, note)
        department = self.desk.department(category.department_id)
        if department is not None and department.id != self.ticket.department_id:
            self._set_department(writing, department)
        if category.initial_level is Level.ADVANCED and self.ticket.level is Level.BASE:
            self._set_level(writing, Level.ADVANCED)
        self._finish(writing)

    def transfer(self, at: datetime, by: OperatorCaller, department: Department) -> None:
        """Another department; a category of a third one is cleared."""
        writing = Writing(self.ticket, at, by)
        self._set_department(writing, department)
        category = self.desk.category(self.ticket.category_id)
        if category is not None and category.department_id not in (None, department.id):
            self._set_category(writing, None)
        self._finish(writing)

    def update(
        self,
        at: datetime,
        by: OperatorCaller,
        *,
        priority: Priority | None = None,
        severity: Severity | None = None,
        tags: Sequence[str] = (),
    ) -> None:
        """Fields: one event for all that change."""
        ticket = self.ticket
        changes: list[Change] = []
        if priority is not None and priority is not ticket.priority:
            changes.append(("priority", ticket.priority, priority))
            ticket.priority = priority
        if severity is not None and severity is not ticket.severity:
            changes.append(("severity", ticket.severity, severity))
            ticket.severity = severity
        more = [*ticket.tags, *(tag for tag in tags if tag not in ticket.tags)]
        if more != ticket.tags:
            changes.append(("tags", ", ".join(ticket.tags) or None, ", ".join(more)))
            ticket.tags = more
        if changes:
            writing = Writing(ticket, at, by)
            writing.event(SystemEventKind.UPDATED, *changes)
            self._done(writing)

    def close(self, at: datetime, by: OperatorCaller) -> None:
        """The end, without a last message."""
        writing = Writing(self.ticket, at, by)
        writing.close()
        self._done(writing)

    def merge_into(self, at: datetime, by: OperatorCaller, target: "Conversation") -> None:
        """Close it into another of the same contact, which takes the turn of the later post."""
        turn = self.ticket.turn if self.last_post > target.last_post else target.ticket.turn
        leaving = Writing(self.ticket, at, by)
        leaving.end()
        self.merged_into = target
        self._link(leaving.event(SystemEventKind.MERGED), "mergedInto", target)
        self._done(leaving)
        target.receive(at, by, self, turn)

    def receive(self, at: datetime, by: OperatorCaller, source: "Conversation", turn: Turn) -> None:
        """Another ticket was merged into this one."""
        if turn is not self.ticket.turn:
            self.ticket.turn, self.ticket.visible_at = turn, at
        writing = Writing(self.ticket, at, by)
        self._link(writing.event(SystemEventKind.MERGED), "merged", source)
        self._done(writing)

    def followed_up(self, at: datetime, by: Author, follow_up: "Conversation") -> None:
        """Closed, and gone on with in another ticket."""
        follow_up.follow_up_of = self
        writing = Writing(self.ticket, at, by)
        self._link(writing.event(SystemEventKind.FOLLOW_UP_OPENED), "followUp", follow_up)
        self._done(writing, updates=False)

    # --- what acts are made of

    def _set_category(
        self, writing: Writing, category: Category | None, note: str | None = None
    ) -> None:
        before = self.desk.category(self.ticket.category_id)
        self.ticket.category_id = category.id if category else None
        names = before.name if before else None, category.name if category else None
        writing.event(SystemEventKind.CATEGORY_CHANGED, ("category", *names), note=note)

    def _set_level(self, writing: Writing, level: Level, note: str | None = None) -> None:
        change = ("level", self.ticket.level.value, level.value)
        self.ticket.level = level
        writing.event(SystemEventKind.LEVEL_CHANGED, change, note=note)

    def _set_department(self, writing: Writing, department: Department) -> None:
        before = self.desk.department(self.ticket.department_id)
        self.ticket.department_id = department.id
        change = ("department", before.name if before else None, department.name)
        writing.event(SystemEventKind.TRANSFERRED, change)

    def _give(self, writing: Writing, to: Assignee) -> None:
        before = self.desk.assignee_name(self.ticket)
        self.ticket.assignee_operator_id = to.id if isinstance(to, OperatorCaller) else None
        self.ticket.assignee_group_id = to.id if isinstance(to, OperatorGroup) else None
        change = ("assignee", before, self.desk.assignee_name(self.ticket))
        writing.event(SystemEventKind.ASSIGNED, change)

    def _link(self, event: TimelineEntry, field: str, other: "Conversation") -> None:
        self.links.append((event, field, other))

    def _keep(self, entry: TimelineEntry, files: Sequence[Upload]) -> None:
        if files:
            self.files.append((entry, files))

    def _finish(self, writing: Writing) -> None:
        """An assignee who no longer sees the ticket loses it."""
        assignees = self.desk.assignee(self.ticket)
        if assignees and not any(one.sight.sees(self.ticket) for one in assignees):
            self._give(writing, None)
        self._done(writing)

    def _done(self, writing: Writing, *, updates: bool = True) -> None:
        self.entries.extend(writing.entries)
        self.ticket.revision += len(writing.entries)  # never behind the number of entries
        if updates:
            self.ticket.updated_at = writing.at
