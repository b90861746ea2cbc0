"""`ticketEvents`: replay, snapshot, live; every frame judged by the rights of its moment."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Hashable
from typing import Generic, TypeVar

from models import rows
from models.desk import Desk
from models.sessions import remaining
from models.tickets import Ticket
from realtime.audience import Rider, tell_the_ticket
from realtime.channel import Channel
from realtime.course import Course
from realtime.feed_events import Frame, Reset, Revoked, TicketMoved
from realtime.hub import Hub
from realtime.listener import Lagged, Listener, Own, Signal, Told
from realtime.log import Change, change_since
from realtime.topic import Topic

Frames = AsyncGenerator[Frame]
CourseT = TypeVar("CourseT", bound=Course)


class TicketFeed(ABC, Generic[CourseT]):
    """One subscription to one ticket."""

    hub: Hub
    ticket_id: int
    session_id: int
    course: CourseT
    _channel: Channel | None = None
    may: Hashable = None
    """What they were last told that they may do."""
    _acted_by: Hashable = None
    _sessions_version: int | None = None
    """As of when the session was found in force."""

    @property
    @abstractmethod
    def viewer(self) -> Hashable:
        """Who looks, with what scopes."""

    @property
    def operator_id(self) -> int | None:
        """The operator who looks; None for a contact."""
        return None

    @abstractmethod
    async def sees(self, ticket: Ticket) -> bool:
        """Whether the viewer sees the ticket, by the rights read with it."""

    @abstractmethod
    async def acting(self, ticket: Ticket) -> Hashable:
        """What the viewer may do with it by these rights: told anew when that changes alone."""

    @abstractmethod
    def first(self, ticket: Ticket, epoch: str, after: str | None) -> Frames:
        """The frames before live: the missed ones or a reset, then the snapshot."""

    @abstractmethod
    async def entered(self) -> None:
        """The viewer sees it, and the feed begins."""

    @abstractmethod
    def left(self) -> None:
        """The feed is over, if it ever began."""

    async def frames(self, after: str | None, channel: Channel | None = None) -> Frames:
        """Everything in the log past `after`, once and in order, then live until sight is lost.

        Once live, with a channel, what is the same for many is no longer yielded: an audience
        renders it once and delivers it.
        """
        with self.hub.tally.feed("ticketEvents"):
            async for frame in self._frames(after, channel):
                yield frame

    async def _frames(self, after: str | None, channel: Channel | None) -> Frames:
        topic, listener = self.hub.join(self.ticket_id)
        self._channel = channel
        try:
            ticket = await self.seen_ticket()
            if ticket is None:
                yield Revoked(self.ticket_id)
                return
            await self.entered()
            epoch = (await Desk.get(id=1)).epoch
            async for frame in self.first(ticket, epoch, after):
                if frame.meant_for(self.operator_id):
                    yield frame
                self.hub.tally.resets += isinstance(frame, Reset)
                if isinstance(frame, Revoked):
                    return
            topic.at(self.course.at)
            async for frame in self._live(topic, listener, channel):
                yield frame
        finally:
            self.hub.leave(topic, listener)
            self.left()

    async def _live(self, topic: Topic, listener: Listener, channel: Channel | None) -> Frames:
        while True:
            rider = None
            if channel is not None and listener.empty:
                rider = topic.board(self, channel, self.course)
            if rider is not None:
                await self._ride(topic, listener, rider)
                yield Revoked(self.ticket_id)
                return
            for frame in await self._frames_of(await listener.next()):
                if not frame.meant_for(self.operator_id):
                    continue
                self.hub.tally.executions += 1
                self.hub.tally.deliveries += 1
                yield frame
                if isinstance(frame, Revoked):
                    return

    async def _ride(self, topic: Topic, listener: Listener, rider: Rider) -> None:
        """Be told by an audience, until sight is lost."""
        listener.riding = True
        try:
            await rider.revoked()
        finally:
            topic.alight(rider)

    async def _frames_of(self, signal: Signal) -> list[Frame]:
        if isinstance(signal, Told):
            return []
        if isinstance(signal, Own):
            return await self._own_frames(signal)
        change: Change | None = signal if isinstance(signal, Change) else None
        if change is None or change.misses(self.course.at):
            change = await change_since(self.ticket_id, self.course.at)
        before = self.may
        if change is None or not await self._may_hear(change.ticket):
            return [Revoked(self.ticket_id)]
        if change.position < self.course.at:
            return []
        at = self.course.at
        frames = self.course.frames(change.seen_from(at), lagged=isinstance(signal, Lagged))
        if before != self.may and not tell_the_ticket(frames):
            frames.append(TicketMoved(change.ticket, memo=change.memo))
        return frames

    async def _own_frames(self, signal: Own) -> list[Frame]:
        """Something only an operator sees of it changed."""
        if signal.operator_id != self.operator_id:
            return []
        ticket = await self.seen_ticket()
        return [Revoked(self.ticket_id)] if ticket is None else [TicketMoved(ticket)]

    async def seen_ticket(self) -> Ticket | None:
        """The row, if the viewer sees it by the rights read with it."""
        ticket, _ = await rows.ticket_and_version(self.ticket_id)
        return ticket if ticket is not None and await self._may_hear(ticket) else None

    async def _may_hear(self, ticket: Ticket) -> bool:
        """Whether session and sight are as they must be, when the row was read."""
        if not await self.sees(ticket):
            return False
        if ticket.sessions_version != self._sessions_version:
            if not await remaining(frozenset({self.session_id})):
                await self._expire()
            self._sessions_version = ticket.sessions_version
        await self.judge_acting(ticket)
        return True

    async def judge_acting(self, ticket: Ticket) -> bool:
        """Whether what they may do is not what they were told."""
        by = (ticket.rights_version, ticket.place)
        if by == self._acted_by:
            return False
        before, self.may, self._acted_by = self.may, await self.acting(ticket), by
        return before != self.may

    async def _expire(self) -> None:
        """Say nothing more: the connection is about to end, and takes this feed with it."""
        if self._channel is not None:
            self._channel.expire()
        await asyncio.Event().wait()
