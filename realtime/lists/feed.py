"""One subscription's share of what happens: the newest of each ticket, until it is sent."""

import asyncio
from collections.abc import Hashable

from models.enums import FeedResetReason
from realtime.feed_events import Frame, ListReset

MOST = 1000
"""Frames a feed may have waiting; one that has more is told to query again."""


class Feed:
    """What waits to be sent. It never holds more than it may, and whoever fills it never waits."""

    def __init__(self, operator_id: int | None = None, *, resets: bool = False) -> None:
        """`resets`: it can be told to query again, and so need not be told of everything."""
        self.operator_id = operator_id
        self.resets = resets
        self.acting: Hashable = None
        """What its viewer may do with the tickets, as of what they were told."""
        self.unsaid: set[int] = set()
        """Tickets of its watch that it was not told of yet: since it moved there."""
        self._reset: Frame | None = None
        self._waiting: dict[int, Frame] = {}
        self._arrived = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting and self._reset is None and not self._arrived.is_set()

    def put(self, number: int, frame: Frame) -> None:
        """The newest of this ticket; what waited of it is not sent. `wake` lets it go."""
        self._waiting[number] = frame
        if self.operator_id is not None:
            frame.memo.setdefault("operators", set()).add(self.operator_id)
            frame.memo.setdefault("tickets", set()).add(number)
        if self.resets and len(self._waiting) > MOST:
            self.reset(FeedResetReason.TOO_FAR_BEHIND)

    def act_by(self, acting: Hashable) -> None:
        """These are the rights from now on: other ones than lists have shown mean, query again."""
        if acting is not None and acting != self.acting and self.resets:
            self.reset(FeedResetReason.TOO_FAR_BEHIND)
        self.acting = acting

    def withdraw(self, number: int) -> None:
        """Say nothing of this ticket."""
        self._waiting.pop(number, None)

    def reset(self, reason: FeedResetReason) -> None:
        """Instead of all that waits: query again."""
        self.clear()
        self._reset = ListReset(reason)

    def clear(self) -> None:
        """Whoever listens knows all that waits, or is about to ask."""
        self._waiting.clear()
        self.unsaid.clear()
        self._reset = None

    def wake(self) -> None:
        """Have what waits sent."""
        if self._waiting or self._reset is not None:
            self._arrived.set()

    async def arrived(self) -> None:
        """Wait until there is something to send."""
        await self._arrived.wait()
        self._arrived.clear()

    def next(self) -> Frame | None:
        """What to send next, as it is at the last moment; None when that is all."""
        frame, self._reset = self._reset, None
        if frame is None and self._waiting:
            frame = self._waiting.pop(next(iter(self._waiting)))
        return frame
