"""Locks that nobody renews end without a write: their tickets are looked at again then."""

import asyncio
from collections.abc import Callable

MARGIN_S = 0.05
"""A lock that ends is looked at this long after its end."""


class Lapses:
    """A timer for each lock in force."""

    def __init__(self, look: Callable[[int], None]) -> None:
        self._look = look
        self._timers: dict[int, asyncio.TimerHandle] = {}

    def at(self, id: int, seconds: float | None) -> None:
        """The ticket's lock ends in so many seconds; None: it has none."""
        timer = self._timers.pop(id, None)
        if timer is not None:
            timer.cancel()
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._timers[id] = loop.call_later(max(seconds, 0) + MARGIN_S, self._over, id)

    def clear(self) -> None:
        """None any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _over(self, id: int) -> None:
        del self._timers[id]
        self._look(id)
