"""What feeds say, of one ticket, of a list, of counters: their frames, before GraphQL."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from models.counting import TicketCounters
from models.enums import FeedResetReason
from models.tickets import ReplyLock, Ticket
from models.timeline import TimelineEntry
from realtime.presence import Viewer

Memo = dict[str, Any]
"""What resolvers load for a change, shared by everybody it is shown to."""


@dataclass(frozen=True)
class Frame:
    """Anything a feed says."""

    state: ClassVar[bool] = False
    """Whether it says all there is to say: the newest of its kind replaces an unsent one."""
    memo: Memo = field(default_factory=Memo, kw_only=True, compare=False)
    only: int | None = field(default=None, kw_only=True)
    """The operator it is for, when not for everybody."""

    @property
    def slot(self) -> Hashable | None:
        """What of an outbox it replaces."""
        return type(self).__name__ if self.state else None

    def load_anew(self) -> None:
        """Something of what was loaded for it failed, and loaders remember failures, too."""
        for loaded in ("loaders", "together"):
            self.memo.pop(loaded, None)

    @property
    def position(self) -> str | None:
        """The cursor to come back with after it, if it moves one."""
        return getattr(self, "cursor", None)

    def meant_for(self, operator_id: int | None) -> bool:
        """Whether this operator is told."""
        return self.only is None or self.only == operator_id


@dataclass(frozen=True)
class Snapshot(Frame):
    """The state everything after builds on."""

    ticket: Ticket
    viewers: list[Viewer]
    cursor: str


@dataclass(frozen=True)
class Added(Frame):
    """A new entry, with the ticket as it is when the frame is made."""

    entry: TimelineEntry
    ticket: Ticket
    cursor: str


@dataclass(frozen=True)
class Changed(Frame):
    """An entry already sent is not what it was."""

    entry: TimelineEntry
    cursor: str


@dataclass(frozen=True)
class TicketMoved(Frame):
    """A change that left no entry."""

    state = True
    ticket: Ticket


@dataclass(frozen=True)
class LockMoved(Frame):
    """The whole lock, or None for free."""

    state = True
    lock: ReplyLock | None


@dataclass(frozen=True)
class Requested(Frame):
    """Somebody asks the holder for the lock: for the holder's own feeds."""

    operator_id: int


@dataclass(frozen=True)
class ViewersNow(Frame):
    """The whole list."""

    state = True
    viewers: list[Viewer]


@dataclass(frozen=True)
class Reset(Frame):
    """The cursor cannot be replayed."""

    reason: FeedResetReason
    cursor: str


@dataclass(frozen=True)
class Revoked(Frame):
    """The last frame: not, or no longer, theirs to see."""

    ticket_id: int


@dataclass(frozen=True)
class ListReady(Frame):
    """From here on every change of the list is told: query it now."""

    at: datetime


@dataclass(frozen=True)
class Entered(Frame):
    """A ticket is in the list that was not."""

    ticket: Ticket


@dataclass(frozen=True)
class Updated(Frame):
    """A ticket of the list changed, and is in it still."""

    ticket: Ticket


@dataclass(frozen=True)
class Left(Frame):
    """A ticket is in the list no more."""

    ticket_id: int


@dataclass(frozen=True)
class ListReset(Frame):
    """Query the list again: more happened than is told one by one."""

    reason: FeedResetReason


@dataclass(frozen=True)
class CountersNow(Frame, TicketCounters):
    """All counters, as they are."""
