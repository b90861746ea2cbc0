"""What a feed of contacts says of a change: messages alone, counted among what they can see."""

from dataclasses import dataclass

from models.tickets import Ticket
from models.timeline import TimelineEntry
from realtime.cursors import Cursor, Position
from realtime.feed_events import Added, Frame, Memo, TicketMoved
from realtime.log import Change, position_of

START = Position(0, 0)
Face = tuple[object, ...]
"""What of a ticket a contact can see change, apart from messages."""


@dataclass
class ContactCourse:
    """How far of the visible messages is told, and which face of the ticket."""

    ticket_id: int
    epoch: str = ""
    number: int = 0
    at: Position = START
    """Of the desk's log: never told, and only good for knowing what is old."""
    face: Face = ()

    def begin(self, ticket: Ticket) -> None:
        """All of the ticket as it is was told."""
        self.number = ticket.visible_seq
        self.face, self.at = face_of(ticket), position_of(ticket)

    def frames(self, change: Change, *, lagged: bool = False) -> list[Frame]:
        """Messages; without any, the ticket where something visible of it changed."""
        ticket = change.ticket
        missed = [one for one in change.added if (one.visible_number or 0) > self.number]
        self.number = ticket.visible_seq
        before, self.face, self.at = self.face, face_of(ticket), change.position
        if missed:
            return [self.added(one, ticket, change.memo) for one in missed]
        return [TicketMoved(ticket, memo=change.memo)] if before != self.face else []

    def added(self, entry: TimelineEntry, ticket: Ticket, memo: Memo) -> Frame:
        """A message, with the cursor after it."""
        return Added(entry, ticket, self.cursor(entry.visible_number or 0), memo=memo)

    def cursor(self, number: int | None = None) -> str:
        """As clients get it."""
        at = self.number if number is None else number
        return Cursor(self.epoch, self.ticket_id, Position(at, 0)).encode()


def face_of(ticket: Ticket) -> Face:
    """What is compared."""
    return (ticket.turn, ticket.subject, ticket.closed_at, ticket.visible_at, ticket.rating)
