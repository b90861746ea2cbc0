"""`ticketEvents` for contacts: messages alone, counted among what they can see."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from models import rows
from models.circles import circle_of
from models.desk import Desk
from models.tickets import Ticket
from models.timeline import TimelineEntry
from realtime.cursors import Cursor, Position
from realtime.feed_events import Added, Frame, Memo, Reset, Revoked, Snapshot, TicketMoved
from realtime.hub import Hub, Own
from realtime.log import (
    REPLAY_PAGE,
    Change,
    position_of,
    visible_after,
    visible_pages_after,
)
from realtime.resuming import resumption

START = Position(0, 0)
Face = tuple[object, ...]
"""What of a ticket a contact can see change, apart from messages."""


@dataclass
class ContactFeed:
    """One subscription of one contact to one ticket."""

    hub: Hub
    contact_id: int
    ticket_id: int
    _epoch: str = ""
    _number: int = 0
    _at: Position = START
    """Of the desk's log: never told, and only good for knowing what is old."""
    _face: Face = ()

    async def frames(self, after: str | None) -> AsyncGenerator[Frame]:
        """Every message past `after`, once and in order, then live until sight is lost."""
        topic, listener = self.hub.join(self.ticket_id)
        try:
            ticket = await self._seen_ticket()
            if ticket is None:
                yield Revoked(self.ticket_id)
                return
            async for frame in self._first(ticket, after):
                yield frame
                if isinstance(frame, Revoked):
                    return
            topic.at(self._at)
            while True:
                signal = await listener.next()
                if isinstance(signal, Own):
                    continue
                for frame in await self._change_frames(
                    signal if isinstance(signal, Change) else None
                ):
                    yield frame
                    if isinstance(frame, Revoked):
                        return
        finally:
            self.hub.leave(topic, listener)

    async def _seen_ticket(self) -> Ticket | None:
        ticket, version = await rows.ticket_and_version(self.ticket_id)
        return ticket if ticket is not None and await self._sees(ticket, version) else None

    async def _sees(self, ticket: Ticket, version: int) -> bool:
        circle = await circle_of(self.contact_id, version)
        return ticket.deleted_at is None and ticket.contact_id in circle

    async def _first(self, ticket: Ticket, after: str | None) -> AsyncGenerator[Frame]:
        self._epoch = (await Desk.get(id=1)).epoch
        found = resumption(after, self._epoch, self.ticket_id, Position(ticket.visible_seq, 0))
        if found.position is not None:
            async for frame in self._replay(ticket, found.position.number):
                yield frame
                if isinstance(frame, Revoked):
                    return
        self._number = ticket.visible_seq
        self._face, self._at = _face(ticket), position_of(ticket)
        if found.reset is not None:
            yield Reset(found.reset, self._cursor(self._number))
        yield Snapshot(ticket, [], self._cursor(self._number))

    async def _replay(self, ticket: Ticket, number: int) -> AsyncGenerator[Frame]:
        """What was missed, page by page; a long replay is judged anew with each."""
        now = ticket
        async for page in visible_pages_after(ticket, number, REPLAY_PAGE):
            memo = Memo()
            for entry in page:
                yield self._added(entry, now, memo)
            seen = await self._seen_ticket()
            if seen is None:
                yield Revoked(self.ticket_id)
                return
            now = seen

    async def _change_frames(self, change: Change | None) -> list[Frame]:
        ticket = change.ticket if change is not None else await self._seen_ticket()
        if ticket is None or (
            change is not None and not await self._sees(ticket, ticket.rights_version)
        ):
            return [Revoked(self.ticket_id)]
        if position_of(ticket) < self._at:
            return []
        memo = change.memo if change is not None else Memo()
        missed = await self._missed(ticket, change)
        self._number = ticket.visible_seq
        before, self._face, self._at = self._face, _face(ticket), position_of(ticket)
        if missed:
            return [self._added(entry, ticket, memo) for entry in missed]
        return [TicketMoved(ticket, memo=memo)] if before != self._face else []

    async def _missed(self, ticket: Ticket, change: Change | None) -> list[TimelineEntry]:
        """Messages past what was sent: from the change when it has them all, else from the log."""
        if ticket.visible_seq == self._number:
            return []
        visible = [
            entry
            for entry in (change.added if change is not None else ())
            if entry.visible_number is not None and entry.visible_number > self._number
        ]
        if len(visible) == ticket.visible_seq - self._number:
            return visible
        return await visible_after(ticket, self._number)

    def _added(self, entry: TimelineEntry, ticket: Ticket, memo: Memo) -> Frame:
        return Added(entry, ticket, self._cursor(entry.visible_number or 0), memo=memo)

    def _cursor(self, number: int) -> str:
        return Cursor(self._epoch, self.ticket_id, Position(number, 0)).encode()


def _face(ticket: Ticket) -> Face:
    return (ticket.turn, ticket.subject, ticket.closed_at, ticket.visible_at)
