"""`ticketEvents` for operators: replay, snapshot, live; every frame judged by today's rights."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from models import rows
from models.desk import Desk
from models.enums import Right
from models.sights import sight_of
from models.tickets import ReplyLock, Ticket
from realtime.cursors import Cursor, Position
from realtime.feed_events import (
    Added,
    Changed,
    Frame,
    LockMoved,
    Memo,
    Requested,
    Reset,
    Revoked,
    Snapshot,
    TicketMoved,
    ViewersNow,
)
from realtime.hub import VIEWERS_EVERY_S, Hub, Lagged, Listener, Own, Topic
from realtime.log import (
    REPLAY_PAGE,
    Change,
    change_since,
    changed_after,
    pages_after,
    position_of,
)
from realtime.presence import Presence, Tab, Viewer
from realtime.resuming import resumption

START = Position(0, 0)


@dataclass
class OperatorFeed:
    """One subscription of one operator to one ticket."""

    hub: Hub
    presence: Presence
    operator_id: int
    session_id: int
    ticket_id: int
    shown: bool = True
    """Whether they count as a viewer: a session does, a token does not."""
    scopes: frozenset[Right] | None = None
    """What a token may use of the operator's rights."""
    _epoch: str = ""
    _at: Position = START
    _lock: ReplyLock | None = None
    _viewers: list[Viewer] = field(default_factory=list[Viewer])
    _viewers_told: float = -VIEWERS_EVERY_S
    """When, by the loop's clock."""

    async def frames(self, after: str | None) -> AsyncGenerator[Frame]:
        """Everything in the log past `after`, once and in order, then live until sight is lost."""
        topic, listener = self.hub.join(self.ticket_id)
        tab: Tab | None = None
        try:
            ticket = await self._seen_ticket()
            if ticket is None:
                yield Revoked(self.ticket_id)
                return
            if self.shown:
                tab = self.presence.enter(self.ticket_id, self.operator_id, self.session_id)
            async for frame in self._first(ticket, after):
                yield frame
                if isinstance(frame, Revoked):
                    return
            topic.at(self._at)
            async for frame in self._live(topic, listener):
                yield frame
        finally:
            self.hub.leave(topic, listener)
            if tab is not None:
                self.presence.leave(tab)

    async def _live(self, topic: Topic, listener: Listener) -> AsyncGenerator[Frame]:
        while True:
            signal = await listener.next()
            if isinstance(signal, Own):
                frames = await self._own_frames(signal)
            else:
                change = await self._caught_up(signal if isinstance(signal, Change) else None)
                frames = await self._change_frames(change, lagged=isinstance(signal, Lagged))
            for frame in frames:
                yield frame
                if isinstance(frame, Revoked):
                    return

    async def _seen_ticket(self) -> Ticket | None:
        """The row, if the operator sees it by the rights read with it."""
        ticket, version = await rows.ticket_and_version(self.ticket_id)
        return ticket if ticket is not None and await self._sees(ticket, version) else None

    async def _sees(self, ticket: Ticket, version: int) -> bool:
        sight = await sight_of(self.operator_id, version)
        return sight.active and sight.scoped(self.scopes).sees(ticket)

    async def _first(self, ticket: Ticket, after: str | None) -> AsyncGenerator[Frame]:
        """The frames before live: the missed ones or a reset, then the snapshot."""
        self._epoch = (await Desk.get(id=1)).epoch
        head = position_of(ticket)
        found = resumption(after, self._epoch, self.ticket_id, head)
        if found.position is not None:
            async for frame in self._replay(ticket, found.position):
                yield frame
                if isinstance(frame, Revoked):
                    return
        self._at = head
        self._lock = ticket.reply_lock
        self._viewers = self._viewers_of(ticket)
        if found.reset is not None:
            yield Reset(found.reset, self._cursor(head))
        yield Snapshot(ticket, self._viewers, self._cursor(head))
        for requested in self._requests(ticket, after=0):
            yield requested

    async def _replay(self, ticket: Ticket, since: Position) -> AsyncGenerator[Frame]:
        """What was missed, page by page; a long replay is judged anew with each."""
        changed = await changed_after(ticket, since)
        revision = since.revision if changed else ticket.revision
        now = ticket
        async for page in pages_after(ticket, since.number, REPLAY_PAGE):
            memo = Memo()
            for entry in page:
                cursor = self._cursor(Position(entry.number, revision))
                yield Added(entry, now, cursor, memo=memo)
            seen = await self._seen_ticket()
            if seen is None:
                yield Revoked(self.ticket_id)
                return
            now = seen
        for frame in self._entries(Change(ticket, since, [], changed)):
            yield frame

    def _entries(self, change: Change) -> Iterator[Frame]:
        """New entries, then older ones that changed; the cursor never promises what is not sent."""
        revision = change.since.revision if change.changed else change.position.revision
        for entry in change.added:
            at = Position(entry.number, revision)
            yield Added(entry, change.ticket, self._cursor(at), memo=change.memo)
        for entry, following in zip_longest(change.changed, change.changed[1:]):
            if following is None or following.changed_revision != entry.changed_revision:
                revision = entry.changed_revision or revision
            at = Position(change.ticket.seq, revision)
            yield Changed(entry, self._cursor(at), memo=change.memo)

    async def _caught_up(self, change: Change | None) -> Change | None:
        """The change as seen from where this feed stands; read anew when the topic's has a gap."""
        if change is None or change.misses(self._at):
            return await change_since(self.ticket_id, self._at)
        return change.seen_from(self._at)

    async def _change_frames(self, change: Change | None, *, lagged: bool) -> list[Frame]:
        if change is None or not await self._sees(change.ticket, change.ticket.rights_version):
            return [Revoked(self.ticket_id)]
        if change.position < self._at:
            return []
        ticket = change.ticket
        frames = list(self._entries(change))
        before, self._lock = self._lock, ticket.reply_lock
        if self._lock != before:
            frames.append(LockMoved(self._lock, memo=change.memo))
        writes = change.position.revision - self._at.revision
        asked = sum(one.number > self._at.revision for one in ticket.lock_requests)
        untold = writes - asked > (1 if frames else 0)
        frames += self._requests(ticket, self._at.revision, change.memo)
        # What they may do depends on who holds the lock; of an operator's own, all may have moved.
        if not change.added and (untold or lagged or _holder(before) != _holder(self._lock)):
            frames.append(TicketMoved(ticket, memo=change.memo))
        self._at = change.position
        return frames + self._viewers_if_moved(change)

    def _requests(self, ticket: Ticket, after: int, memo: Memo | None = None) -> list[Frame]:
        """Who has asked the holder for the lock since this revision: the holder alone is told."""
        if _holder(ticket.reply_lock) != self.operator_id:
            return []
        new = [one.operator_id for one in ticket.lock_requests if one.number > after]
        return [Requested(id, memo=Memo() if memo is None else memo) for id in new]

    def _viewers_if_moved(self, change: Change) -> list[Frame]:
        viewers = self._viewers_of(change.ticket)
        if viewers == self._viewers:
            return []
        now = asyncio.get_running_loop().time()
        if now - self._viewers_told < VIEWERS_EVERY_S:
            self.hub.viewers_moved(self.ticket_id)
            return []
        self._viewers, self._viewers_told = viewers, now
        return [ViewersNow(viewers, memo=change.memo)]

    async def _own_frames(self, signal: Own) -> list[Frame]:
        if signal.operator_id != self.operator_id:
            return []
        ticket = await self._seen_ticket()
        return [Revoked(self.ticket_id)] if ticket is None else [TicketMoved(ticket)]

    def _viewers_of(self, ticket: Ticket) -> list[Viewer]:
        return self.presence.viewers(self.ticket_id, _holder(ticket.reply_lock))

    def _cursor(self, at: Position) -> str:
        return Cursor(self._epoch, self.ticket_id, at).encode()


def _holder(lock: ReplyLock | None) -> int | None:
    return lock.operator_id if lock is not None else None
