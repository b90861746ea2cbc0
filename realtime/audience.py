"""Those of one ticket who are told the same: judged, rendered and encoded once for all of them."""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from copy import copy
from typing import Protocol

from models.sessions import remaining
from models.tickets import Ticket
from realtime.channel import Channel, Unshareable
from realtime.course import Course
from realtime.feed_events import Added, Frame, TicketMoved
from realtime.log import Change, change_since
from realtime.tally import Tally

AT_ONCE = 500
"""Deliveries between two turns of the loop: some 5 ms of writing."""


class Feed(Protocol):
    """Whose frames they are, as an audience asks of it."""

    @property
    def viewer(self) -> Hashable:
        """Who looks, with what scopes: feeds of one viewer see alike."""
        ...

    @property
    def operator_id(self) -> int | None: ...

    @property
    def session_id(self) -> int: ...

    async def sees(self, ticket: Ticket) -> bool:
        """By the rights read with the row."""
        ...

    async def judge_acting(self, ticket: Ticket) -> bool:
        """Whether what they may do, by these rights, is not what they were told."""
        ...


class Rider:
    """One feed in an audience, from boarding until it leaves or loses sight."""

    def __init__(self, feed: Feed, channel: Channel) -> None:
        self.feed = feed
        self.channel = channel
        self._revoked: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def revoked(self) -> None:
        """Return when the ticket is no longer theirs to see."""
        await self._revoked

    def revoke(self) -> None:
        """Note that it is not."""
        if not self._revoked.done():
            self._revoked.set_result(None)


class Audience:
    """Riders of one channel key whose courses are equal: the course is the audience's.

    The topic's task alone tells it of changes, one after another.
    """

    def __init__(
        self, ticket_id: int, course: Course, tally: Tally, shown_to: Callable[[], set[int]]
    ) -> None:
        """`shown_to()`: operators of all audiences of the ticket, who are told of one change."""
        self.course = course
        self._shown_to = shown_to
        self._tally = tally
        self._ticket_id = ticket_id
        self._riders: dict[Rider, None] = {}
        self._judged: Hashable = None
        """The rights, the sessions and the ticket's place that riders were judged by."""
        self._unjudged = False
        """Somebody has boarded since."""
        self._telling = False
        self._may_else: dict[Rider, None] = {}
        """Riders who may do something else than they were told."""
        self._sessions_until = 0.0
        """When the first session of a rider ends by time, by the loop's clock."""

    def __len__(self) -> int:
        return len(self._riders)

    def operators(self) -> set[int]:
        """Those of its riders."""
        found = {one.feed.operator_id for one in self._riders}
        return {id for id in found if id is not None}

    def board(self, feed: Feed, channel: Channel, course: Course) -> Rider | None:
        """One more, judged with the next change; None while it does not stand where this does."""
        if self._telling or course != self.course:
            return None
        rider = Rider(feed, channel)
        self._riders[rider] = None
        self._unjudged = True
        return rider

    def leave(self, rider: Rider) -> None:
        """One less."""
        self._riders.pop(rider, None)
        self._may_else.pop(rider, None)

    async def tell(self, change: Change) -> None:
        """Say what there is to say of a change, to all who may still hear it."""
        found: Change | None = change
        if change.misses(self.course.at):
            found = await change_since(self._ticket_id, self.course.at)
        if found is None:
            return
        await self._judge(found.ticket)
        if found.position < self.course.at or not self._riders:
            return
        course = copy(self.course)
        frames = course.frames(found.seen_from(self.course.at))
        self._telling = True
        try:
            await self._say(frames, course)
            may_else, self._may_else = tuple(self._may_else), {}
            if not tell_the_ticket(frames):
                moved = TicketMoved(found.ticket, memo=found.memo)
                await self._say_to(may_else, moved)
        finally:
            self._telling = False

    async def tell_own(self, operator_ids: frozenset[int], change: Change) -> None:
        """Something that these operators alone see of the ticket changed.

        Who boarded with a later state of it is not taken back to that of the change.
        """
        if change.position < self.course.at:
            later = await change_since(self._ticket_id, self.course.at)
            if later is None:
                return
            change = later
        await self._judge(change.ticket)
        frame = TicketMoved(change.ticket, memo=change.memo)
        riders = [one for one in self._riders if one.feed.operator_id in operator_ids]
        await self._say_to(riders, frame)

    async def _say_to(self, riders: Sequence[Rider], frame: Frame) -> None:
        """What only these are told, each as they see it."""
        for rider, payload in (await self._rendered_for(frame, riders)).items():
            if rider in self._riders:
                rider.channel.deliver(payload, frame)
                self._tally.deliveries += 1

    async def _say(self, frames: Sequence[Frame], course: Course) -> None:
        """Render everything, then hand it out: who boards or leaves meanwhile finds no half.

        The course moves with the first delivery, so that whoever boards stands where it does.
        """
        rendered = [await self._rendered(frame) for frame in frames]
        self.course = course
        riders = tuple(self._riders)
        for number, rider in enumerate(riders, 1):
            if rider in self._riders:
                for frame, payloads in zip(frames, rendered, strict=True):
                    payload = payloads if isinstance(payloads, bytes) else payloads.get(rider)
                    if payload is not None:
                        rider.channel.deliver(payload, frame)
                        self._tally.deliveries += 1
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _rendered(self, frame: Frame) -> bytes | dict[Rider, bytes]:
        """For everybody; or, where it depends on who looks, for each."""
        first = next(iter(self._riders), None)
        if first is not None and frame.only is None and first.channel.shares(frame):
            try:
                self._tally.executions += 1
                return await first.channel.render_shared(frame)
            except Unshareable:
                pass  # it was logged: each gets their own
        riders = [one for one in self._riders if frame.meant_for(one.feed.operator_id)]
        return await self._rendered_for(frame, riders)

    async def _rendered_for(self, frame: Frame, riders: Sequence[Rider]) -> dict[Rider, bytes]:
        self._tally.executions += len(riders)
        if "operators" not in frame.memo:
            frame.memo["operators"] = self._shown_to()
            frame.memo["tickets"] = {self._ticket_id}
        payloads = await asyncio.gather(*(one.channel.render(frame) for one in riders))
        return {
            rider: payload
            for rider, payload in zip(riders, payloads, strict=True)
            if payload is not None
        }

    async def _judge(self, ticket: Ticket) -> None:
        """Let go of whoever may not hear it: by the rights and sessions read with the row."""
        now = asyncio.get_running_loop().time()
        basis = (ticket.rights_version, ticket.sessions_version, ticket.place)
        if basis == self._judged and not self._unjudged and now < self._sessions_until:
            return
        self._unjudged = True
        while self._unjudged:  # whoever boards meanwhile is judged as well
            self._unjudged = False
            await self._judge_riders(ticket, now)
        self._judged = basis

    async def _judge_riders(self, ticket: Ticket, now: float) -> None:
        riders = tuple(self._riders)
        in_force = await self._sessions(riders, now)
        seen: dict[Hashable, bool] = {}
        for rider in riders:
            feed = rider.feed
            if feed.viewer not in seen:
                seen[feed.viewer] = await feed.sees(ticket)
            if not seen[feed.viewer]:
                self.leave(rider)
                rider.revoke()
            elif feed.session_id not in in_force:
                self.leave(rider)
                rider.channel.expire()
            elif await feed.judge_acting(ticket):
                self._may_else[rider] = None

    async def _sessions(self, riders: Iterable[Rider], now: float) -> frozenset[int]:
        """Those of their sessions that are in force, in one statement."""
        left = await remaining(frozenset(one.feed.session_id for one in riders))
        self._sessions_until = now + min(left.values(), default=0.0)
        return frozenset(left)


def tell_the_ticket(frames: Iterable[Frame]) -> bool:
    """Whether the ticket, and so what the viewer may do with it, is in one of these."""
    return any(isinstance(one, Added | TicketMoved) for one in frames)
