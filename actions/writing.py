"""Step 7: entries worked out from the row held, then rows, counters, words and event together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger

from actions import mailing, notifying, search
from actions.events import TicketWritten
from actions.texts import Body, excerpt
from actions.unit_of_work import record
from actions.uploads import attach
from models.callers import Automation, Caller, ContactCaller, OperatorCaller
from models.desk import Department
from models.documents import Upload
from models.enums import (
    VISIBLE_KINDS,
    DeliveryState,
    EntryKind,
    SystemEventKind,
    TicketSource,
    Turn,
)
from models.records import EventRecord
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

log: FilteringBoundLogger = structlog.get_logger()
Author = Caller | Automation
Change = tuple[str, str | None, str | None]
"""Field, from, to: in words a person reads."""
Assignee = tuple[int | None, int | None]
"""Operator, group: at most one of them."""
NOBODY: Assignee = (None, None)

ROW_COLUMNS = (
    "subject", "department_id", "category_id", "level", "turn", "priority", "severity",
    "assignee_operator_id", "assignee_group_id", "tags", "updated_at", "closed_at", "deleted_at",
    "visible_at", "last_post_at", "last_contact_post_at", "last_operator_reply_at",
    "first_reply_at", "last_post_number", "last_post_excerpt", "attachment_count", "seq",
    "visible_seq", "revision", "written_at", "lock_holder_id", "lock_session_id", "lock_token",
    "lock_acquired_at", "lock_expires", "lock_asked", "merged_into_id", "rated_positive",
    "rating_comment", "rated_at",
)  # fmt: skip
"""What a write may change of the row."""


@dataclass
class Writing:
    """The changes of one held ticket, from the first entry to `commit`."""

    ticket: Ticket
    at: datetime
    author: Author
    entries: list[TimelineEntry] = field(default_factory=list[TimelineEntry])
    silent: bool = False
    """Nobody is told of it: old mail that is brought in."""
    _files: list[tuple[TimelineEntry, Sequence[Upload]]] = field(
        default_factory=list[tuple[TimelineEntry, Sequence[Upload]]]
    )
    _assignee: Assignee = field(init=False)
    """Whose it was; nobody's when it begins."""

    def __post_init__(self) -> None:
        self._assignee = _assignee_of(self.ticket) if self.ticket.seq else NOBODY

    @classmethod
    async def on(cls, ticket: Ticket, author: Author) -> "Writing":
        """A writing on a held row, at the database's time."""
        return cls(ticket, await clock(), author)

    async def reply(self, body: Body, files: Sequence[Upload] = ()) -> TimelineEntry:
        """The desk's words to the contact; the contact must speak next."""
        ticket = self.ticket
        if ticket.first_reply_at is None and ticket.last_contact_post_at is not None:
            ticket.first_reply_at = self.at
        ticket.last_operator_reply_at = self.at
        ticket.turn = Turn.CONTACT
        staff = await Department.get_or_none(id=ticket.department_id or 0)
        return self._post(
            EntryKind.OPERATOR_REPLY,
            body,
            files,
            delivery=DeliveryState.NOT_SENT,
            staff_name=staff.staff_name if staff else "",
            staff_avatar=staff.staff_avatar if staff else "",
        )

    def message(
        self,
        body: Body,
        source: TicketSource,
        files: Sequence[Upload] = (),
        *,
        contact_id: int,
        verified: bool,
        automatic: bool = False,
    ) -> TimelineEntry:
        """The contact's words; the desk must speak next, unless a machine of theirs wrote them."""
        if not automatic:
            self.ticket.last_contact_post_at = self.at
            self.ticket.turn = Turn.OPERATOR
        return self._post(
            EntryKind.CONTACT_MESSAGE,
            body,
            files,
            source=source,
            verified=verified,
            automatic=automatic,
            contact_id=contact_id,
            operator_id=None,
        )

    def note(self, body: Body, files: Sequence[Upload], mentions: list[int]) -> TimelineEntry:
        """Said among operators; contacts never see it."""
        return self._post(EntryKind.INTERNAL_NOTE, body, files, mentions=mentions)

    def event(
        self, kind: SystemEventKind, *changes: Change, note: str | None = None
    ) -> TimelineEntry:
        """Something that happened to the ticket, apart from posts."""
        return self._entry(
            EntryKind.SYSTEM_EVENT, event=kind, changes=[list(c) for c in changes], note=note
        )

    def close(self) -> TimelineEntry:
        """The end: turn CLOSED, no lock any more, the event CLOSED."""
        self.end()
        return self.event(SystemEventKind.CLOSED)

    def end(self) -> None:
        """Closed by the row alone, the event being another (merge)."""
        self.ticket.turn = Turn.CLOSED
        self.ticket.closed_at = self.ticket.visible_at = self.at
        self.free_lock()

    def free_lock(self) -> None:
        """Nobody holds it; the token stays, so that the next one is new."""
        ticket = self.ticket
        ticket.lock_holder_id = ticket.lock_session_id = None
        ticket.lock_acquired_at = ticket.lock_expires = None
        ticket.lock_asked = []
        ticket.locked = False

    def give_lock(self, operator_id: int, session_id: int, until: datetime) -> None:
        """It is theirs from now on, whosever it was, and nobody has asked them for it yet."""
        ticket = self.ticket
        ticket.lock_holder_id, ticket.lock_session_id = operator_id, session_id
        ticket.lock_acquired_at, ticket.lock_expires = self.at, until
        ticket.lock_token += 1
        ticket.lock_asked = []
        ticket.locked = True

    async def commit(self, kind: str, *, moves_updated_at: bool = True, **data: Any) -> None:
        """Write everything, tell whom it concerns, note the event, have the position announced."""
        ticket = self.ticket
        ticket.revision += 1
        ticket.written_at = self.at
        if moves_updated_at:
            ticket.updated_at = self.at
        await ticket.save(update_fields=ROW_COLUMNS)
        for entry in self.entries:
            await entry.save(force_create=True)
        for entry, files in self._files:
            await attach(files, entry, ticket)
        for entry in self.entries:
            if entry.body_text:
                await search.add(ticket.id, entry.kind in VISIBLE_KINDS, entry.body_text)
        await self.log(kind, **data)
        reassigned = _assignee_of(ticket) not in (self._assignee, NOBODY)
        if not self.silent:
            written = notifying.Written(ticket, self.entries, self.author, reassigned=reassigned)
            await mailing.tell(written, await notifying.tell(written))
        record(TicketWritten(ticket.id, ticket.seq, ticket.revision))

    async def log(self, kind: str, **data: Any) -> None:
        """The row of the event log."""
        numbers = [entry.number for entry in self.entries]
        log.info("ticket written", action=kind, ticket=self.ticket.id, entries=numbers)
        await EventRecord.create(
            at=self.at,
            kind=kind,
            caller=self.author.key,
            ticket_id=self.ticket.id,
            data={"entries": numbers, **data},
        )

    def _post(
        self, kind: EntryKind, body: Body, files: Sequence[Upload], **columns: Any
    ) -> TimelineEntry:
        entry = self._entry(kind, body=body.html, body_text=body.text, **columns)
        ticket = self.ticket
        if kind in VISIBLE_KINDS:
            ticket.visible_seq += 1
            entry.visible_number = ticket.visible_seq
            ticket.visible_at = ticket.last_post_at = self.at
            ticket.last_post_number = entry.number
            ticket.last_post_excerpt = excerpt(body.text)
        if files:
            ticket.attachment_count += len(files)
            self._files.append((entry, files))
        return entry

    def _entry(self, kind: EntryKind, **columns: Any) -> TimelineEntry:
        self.ticket.seq += 1
        entry = TimelineEntry(
            **{
                "ticket_id": self.ticket.id,
                "number": self.ticket.seq,
                "kind": kind,
                "created_at": self.at,
                "turn_after": self.ticket.turn,
                **_author_columns(self.author),
                **columns,
            }
        )
        self.entries.append(entry)
        return entry


def _assignee_of(ticket: Ticket) -> Assignee:
    return ticket.assignee_operator_id, ticket.assignee_group_id


def _author_columns(author: Author) -> dict[str, Any]:
    if isinstance(author, OperatorCaller):
        return {"operator_id": author.id}
    if isinstance(author, ContactCaller):
        return {"contact_id": author.id}
    return {"automation": author.name}
