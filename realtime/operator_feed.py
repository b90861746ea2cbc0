"""`ticketEvents` for operators: entries, the lock, viewers; who looks is seen."""

from collections.abc import Hashable

from models.enums import Right, TicketAction
from models.sight import Sight
from models.sights import sight_of
from models.tickets import Ticket
from realtime.cursors import Position
from realtime.feed_events import Added, Memo, Reset, Revoked, Snapshot
from realtime.hub import Hub
from realtime.log import REPLAY_PAGE, Change, changed_after, pages_after, position_of
from realtime.operator_course import OperatorCourse, holder
from realtime.presence import Presence, Tab, Viewer
from realtime.resuming import resumption
from realtime.ticket_feed import Frames, TicketFeed


class OperatorFeed(TicketFeed[OperatorCourse]):
    """One subscription of one operator to one ticket."""

    def __init__(
        self,
        hub: Hub,
        presence: Presence,
        operator_id: int,
        session_id: int,
        ticket_id: int,
        *,
        shown: bool = True,
        scopes: frozenset[Right] | None = None,
    ) -> None:
        """`shown`: they count as a viewer; a session does, a token does not.

        `scopes`: what a token may use of the operator's rights.
        """
        self.hub = hub
        self.ticket_id = ticket_id
        self.session_id = session_id
        self._presence = presence
        self._operator_id = operator_id
        self._shown = shown
        self._scopes = scopes
        self._tab: Tab | None = None
        self._watching = False
        self.course = OperatorCourse(ticket_id, self._look, self._look_later)

    @property
    def viewer(self) -> Hashable:
        return self._operator_id, self._scopes

    @property
    def operator_id(self) -> int | None:
        return self._operator_id

    async def sees(self, ticket: Ticket) -> bool:
        sight = await self._sight(ticket)
        return sight.active and sight.sees(ticket)

    async def acting(self, ticket: Ticket) -> Hashable:
        sight = await self._sight(ticket)
        return frozenset(one for one in TicketAction if sight.may(one, ticket))

    async def _sight(self, ticket: Ticket) -> Sight:
        return (await sight_of(self._operator_id, ticket.rights_version)).scoped(self._scopes)

    async def entered(self) -> None:
        self._presence.watch(self.ticket_id)
        self._watching = True
        if self._shown:
            self._tab = self._presence.enter(self.ticket_id, self._operator_id, self.session_id)
        await self._presence.loaded(self.ticket_id)

    def left(self) -> None:
        if self._tab is not None:
            self._presence.leave(self._tab)
        if self._watching:
            self._presence.unwatch(self.ticket_id)

    async def first(self, ticket: Ticket, epoch: str, after: str | None) -> Frames:
        course = self.course
        course.epoch = epoch
        head = position_of(ticket)
        found = resumption(after, epoch, self.ticket_id, head)
        if found.position is not None:
            async for frame in self._replay(ticket, found.position):
                yield frame
        course.begin(ticket)
        if found.reset is not None:
            yield Reset(found.reset, course.cursor())
        yield Snapshot(ticket, course.viewers, course.cursor())
        for requested in course.requests(ticket, after=0):
            yield requested

    async def _replay(self, ticket: Ticket, since: Position) -> Frames:
        """What was missed, page by page; a long replay is judged anew with each."""
        changed = await changed_after(ticket, since)
        revision = since.revision if changed else ticket.revision
        now = ticket
        async for page in pages_after(ticket, since.number, REPLAY_PAGE):
            memo = Memo()
            for entry in page:
                cursor = self.course.cursor(Position(entry.number, revision))
                yield Added(entry, now, cursor, memo=memo)
            seen = await self.seen_ticket()
            if seen is None:
                yield Revoked(self.ticket_id)
                return
            now = seen
        for frame in self.course.entries(Change(ticket, since, [], changed)):
            yield frame

    def _look(self, ticket: Ticket) -> list[Viewer]:
        return self._presence.viewers(self.ticket_id, holder(ticket.reply_lock))

    def _look_later(self) -> None:
        self.hub.viewers_moved(self.ticket_id)
