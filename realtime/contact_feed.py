"""`ticketEvents` for contacts: messages alone, counted among what they can see."""

from collections.abc import Hashable

from models.callers import reach
from models.circles import circle_of
from models.tickets import Ticket
from realtime.contact_course import ContactCourse
from realtime.cursors import Position
from realtime.feed_events import Memo, Reset, Revoked, Snapshot
from realtime.hub import Hub
from realtime.log import REPLAY_PAGE, visible_pages_after
from realtime.resuming import resumption
from realtime.ticket_feed import Frames, TicketFeed


class ContactFeed(TicketFeed[ContactCourse]):
    """One subscription of one contact to one ticket."""

    def __init__(
        self,
        hub: Hub,
        contact_id: int,
        session_id: int,
        ticket_id: int,
        only_ticket: int | None = None,
    ) -> None:
        """`only_ticket` is what the viewer's magic link reaches, if they came by one."""
        self.hub = hub
        self.ticket_id = ticket_id
        self.session_id = session_id
        self.course = ContactCourse(ticket_id)
        self._contact_id = contact_id
        self._only_ticket = only_ticket

    @property
    def viewer(self) -> Hashable:
        return self._contact_id, self._only_ticket

    async def sees(self, ticket: Ticket) -> bool:
        circle = await circle_of(self._contact_id, ticket.rights_version)
        if self._only_ticket is not None:  # nobody else's, and while the contact may see any
            circle &= {self._contact_id}
        return reach(circle, self._only_ticket).holds(ticket)

    async def acting(self, ticket: Ticket) -> Hashable:
        """The same for everybody who sees it."""
        return True

    async def entered(self) -> None:
        """Contacts are no viewers."""

    def left(self) -> None:
        """Nor do they leave anything behind."""

    async def first(self, ticket: Ticket, epoch: str, after: str | None) -> Frames:
        course = self.course
        course.epoch = epoch
        found = resumption(after, epoch, self.ticket_id, Position(ticket.visible_seq, 0))
        if found.position is not None:
            async for frame in self._replay(ticket, found.position.number):
                yield frame
        course.begin(ticket)
        if found.reset is not None:
            yield Reset(found.reset, course.cursor())
        yield Snapshot(ticket, [], course.cursor())

    async def _replay(self, ticket: Ticket, number: int) -> Frames:
        """What was missed, page by page; a long replay is judged anew with each."""
        now = ticket
        async for page in visible_pages_after(ticket, number, REPLAY_PAGE):
            memo = Memo()
            for entry in page:
                yield self.course.added(entry, now, memo)
            seen = await self.seen_ticket()
            if seen is None:
                yield Revoked(self.ticket_id)
                return
            now = seen
