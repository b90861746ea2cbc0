"""What a feed of operators says of a change: entries, the lock, viewers, the ticket."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from models.tickets import ReplyLock, Ticket
from realtime.cursors import Cursor, Position
from realtime.feed_events import (
    Added,
    Changed,
    Frame,
    LockMoved,
    Memo,
    Requested,
    TicketMoved,
    ViewersNow,
)
from realtime.log import Change, position_of
from realtime.presence import Viewer

START = Position(0, 0)
VIEWERS_EVERY_S = 1.0

Viewers = Callable[[Ticket], list[Viewer]]


@dataclass
class OperatorCourse:
    """How far of the log is told, and which lock and viewers."""

    ticket_id: int
    look: Viewers = field(compare=False)
    """Who has the ticket open."""
    look_later: Callable[[], None] = field(compare=False)
    """Have everybody told of viewers within a second."""
    epoch: str = ""
    at: Position = START
    lock: ReplyLock | None = None
    viewers: list[Viewer] = field(default_factory=list[Viewer])
    _viewers_told: float = field(default=-VIEWERS_EVERY_S, compare=False)
    """When, by the loop's clock."""

    def begin(self, ticket: Ticket) -> None:
        """All of the ticket as it is was told."""
        self.at = position_of(ticket)
        self.lock = ticket.reply_lock
        self.viewers = self.look(ticket)

    def frames(self, change: Change, *, lagged: bool = False) -> list[Frame]:
        """Entries first, then states."""
        ticket = change.ticket
        frames = list(self.entries(change))
        before, self.lock = self.lock, ticket.reply_lock
        if self.lock != before:
            frames.append(LockMoved(self.lock, memo=change.memo))
        writes = change.position.revision - self.at.revision
        asked = sum(one.number > self.at.revision for one in ticket.lock_requests)
        untold = writes - asked > (1 if frames else 0)
        frames += self.requests(ticket, self.at.revision, change.memo)
        # What they may do depends on who holds the lock; of an operator's own, all may have moved.
        if not change.added and (untold or lagged or holder(before) != holder(self.lock)):
            frames.append(TicketMoved(ticket, memo=change.memo))
        self.at = change.position
        return frames + self._viewers_if_moved(change)

    def entries(self, change: Change) -> Iterator[Frame]:
        """New entries, then older ones that changed; the cursor never promises what is not sent."""
        revision = change.since.revision if change.changed else change.position.revision
        for entry in change.added:
            at = Position(entry.number, revision)
            yield Added(entry, change.ticket, self.cursor(at), memo=change.memo)
        for entry, following in zip_longest(change.changed, change.changed[1:]):
            if following is None or following.changed_revision != entry.changed_revision:
                revision = entry.changed_revision or revision
            at = Position(change.ticket.seq, revision)
            yield Changed(entry, self.cursor(at), memo=change.memo)

    def requests(self, ticket: Ticket, after: int, memo: Memo | None = None) -> list[Frame]:
        """Who has asked the holder for the lock since this revision: the holder alone is told."""
        to = holder(ticket.reply_lock)
        if to is None:
            return []
        new = [one.operator_id for one in ticket.lock_requests if one.number > after]
        return [Requested(id, memo=Memo() if memo is None else memo, only=to) for id in new]

    def cursor(self, at: Position | None = None) -> str:
        """As clients get it."""
        return Cursor(self.epoch, self.ticket_id, at or self.at).encode()

    def _viewers_if_moved(self, change: Change) -> list[Frame]:
        viewers = self.look(change.ticket)
        if viewers == self.viewers:
            return []
        now = asyncio.get_running_loop().time()
        if now - self._viewers_told < VIEWERS_EVERY_S:
            self.look_later()
            return []
        self.viewers, self._viewers_told = viewers, now
        return [ViewersNow(viewers, memo=change.memo)]


def holder(lock: ReplyLock | None) -> int | None:
    """Who holds it."""
    return lock.operator_id if lock is not None else None
