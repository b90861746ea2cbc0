"""One ticket's listeners and audiences, and the task that loads for all of them."""

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any

import structlog

from realtime.audience import Audience, Feed, Rider
from realtime.channel import Channel
from realtime.course import Course
from realtime.cursors import Position
from realtime.listener import Listener, Own, Signal
from realtime.log import Change, change_since
from realtime.tally import Tally

log = structlog.get_logger()

VIEWERS_EVERY_S = 1.0
LAPSE_MARGIN_S = 0.05
"""A lock that ends is looked at this long after its end."""
RETRY_S = 0.5


class Topic:
    """What is watched, loaded once per change, told to everybody."""

    def __init__(self, ticket_id: int, tally: Tally) -> None:
        self.ticket_id = ticket_id
        self._tally = tally
        self._hinted_at: float | None = None
        """When this process heard of what it has not told yet, by the loop's clock."""
        self.listeners: set[Listener] = set()
        self.audiences: dict[Hashable, Audience] = {}
        self.position: Position | None = None
        self._rights_version: int | None = None
        self._own: set[int] = set()
        """Operators of whose own something changed, not told to audiences yet."""
        self._dirty = asyncio.Event()
        self._lapse: asyncio.TimerHandle | None = None
        self._viewers: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._pump(), name=f"topic {ticket_id}")

    def wake(self) -> None:
        """Something may have happened: load."""
        self._dirty.set()

    def hinted(self) -> None:
        """Something has happened, as this process hears: load."""
        if self._hinted_at is None:
            self._hinted_at = asyncio.get_running_loop().time()
        self.wake()

    def tell(self, signal: Signal) -> None:
        """Hand the signal to every listener."""
        for listener in self.listeners:
            listener.put(signal)

    def tell_own(self, operator_id: int) -> None:
        """Something only this operator sees of the ticket changed."""
        self.tell(Own(operator_id))
        if self.audiences:
            self._own.add(operator_id)
            self.wake()

    def operators(self) -> set[int]:
        """Whoever is told by an audience."""
        return {id for one in self.audiences.values() for id in one.operators()}

    def board(self, feed: Feed, channel: Channel, course: Course) -> Rider | None:
        """A place in the audience of the channel's key; None while it does not stand there yet."""
        key = (type(course), channel.key)
        if key not in self.audiences:
            self.audiences[key] = Audience(self.ticket_id, course, self._tally, self.operators)
            self._tally.audiences += 1
        return self.audiences[key].board(feed, channel, course)

    def alight(self, rider: Rider) -> None:
        """The place is free; an audience without riders goes."""
        for key, audience in tuple(self.audiences.items()):
            audience.leave(rider)
            if not audience:
                del self.audiences[key]
                self._tally.audiences -= 1

    def viewers_moved(self) -> None:
        """Tell of it within a second, once for all that happens in it."""
        if self._viewers is None:
            loop = asyncio.get_running_loop()
            self._viewers = loop.call_later(VIEWERS_EVERY_S, self._look_at_viewers)

    def at(self, position: Position) -> None:
        """A listener has read the log up to here: begin no earlier.

        Loads at once: a hint that came before the position was known could not be judged.
        """
        if self.position is None:
            self.position = position
            self.wake()

    async def close(self) -> None:
        """End the task."""
        for timer in (self._lapse, self._viewers):
            if timer is not None:
                timer.cancel()
        self._task.cancel()
        await asyncio.wait([self._task])

    def _look_at_viewers(self) -> None:
        self._viewers = None
        self.wake()

    async def _pump(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await self._load()
            except Exception:
                log.exception("feed load failed", ticket=self.ticket_id)
                await asyncio.sleep(RETRY_S)
                self._dirty.set()

    async def _load(self) -> None:
        if self.position is None:
            return
        change = await change_since(self.ticket_id, self.position)
        if change is None:
            return
        self._watch_lock(change)
        self._watch_rights(change.ticket.rights_version)
        heard, self._hinted_at = self._hinted_at, None
        self._tally.events += 1
        self.position = change.position
        self.tell(change)
        await self._tell_audiences(change)
        for listener in self.listeners:
            listener.invite()
        if heard is not None and self.audiences:
            self._tally.commit_to_frame.observe(asyncio.get_running_loop().time() - heard)

    async def _tell_audiences(self, change: Change) -> None:
        """Side by side, so that what they load is loaded once."""
        own, self._own = frozenset(self._own), set()
        audiences = tuple(self.audiences.values())
        try:
            await _all(*(one.tell(change) for one in audiences))
            if own:
                await _all(*(one.tell_own(own, change) for one in audiences))
        except BaseException:
            self._own |= own
            raise

    def _watch_rights(self, version: int) -> None:
        """No frame is made of what was loaded under rights known to be old."""
        if version != self._rights_version:
            self._rights_version = version
            for listener in self.listeners:
                listener.expire()

    def _watch_lock(self, change: Change) -> None:
        """A lock that nobody renews ends without a write: look again then."""
        if self._lapse is not None:
            self._lapse.cancel()
            self._lapse = None
        left = change.ticket.lock_left_s
        if left is not None:
            loop = asyncio.get_running_loop()
            self._lapse = loop.call_later(max(left, 0) + LAPSE_MARGIN_S, self.wake)


async def _all(*work: Coroutine[Any, Any, None]) -> None:
    """Do it side by side, and all of it: what went on alone would meet what is tried again."""
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if outcome is not None:
            raise outcome
