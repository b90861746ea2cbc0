"""What a backend of the broker is, beyond what broadcaster asks of one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from broadcaster import BroadcastBackend

T = TypeVar("T")

PENDING = 4096
"""Messages that may wait; some 100 bytes each, and more than a burst of writes makes."""


@dataclass
class Counts:
    """What happened since the start, for the metrics."""

    published: int = 0
    """Hints taken over by Redis, or put into memory."""
    received: int = 0
    """Hints handed to the listeners."""
    garbage: int = 0
    """Messages that were no hints."""
    dropped: int = 0
    """Hints that made room for newer ones before they were sent."""
    failures: int = 0
    """Attempts to connect, listen or publish that failed."""
    outages: int = 0
    gaps: int = 0
    """Times the listeners were told that they may have missed something."""


class Backend(BroadcastBackend):
    """Channels are given at the start and are always subscribed, whoever listens.

    So `subscribe` never waits, and two at once, which broadcaster gets wrong, cannot happen.
    """

    def __init__(self, gap: Callable[[], None]) -> None:
        self.counts = Counts()
        self._gap = gap
        self._telling = False

    @property
    def healthy(self) -> bool:
        """Whether hints flow, as far as anybody can tell."""
        return True

    async def settled(self) -> None:
        """Return once hints flow, or it is known that they do not yet."""

    async def subscribe(self, group: str) -> None:
        """Nothing to do."""

    async def unsubscribe(self, group: str) -> None:
        """Nothing to do."""

    async def disconnect(self) -> None:
        """Nothing to do."""

    def _missed(self) -> None:
        """Tell of a gap, once for all that is noticed in this turn of the loop."""
        if not self._telling:
            self._telling = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._telling = False
        self.counts.gaps += 1
        self._gap()


def put(queue: asyncio.Queue[T], item: T) -> bool:
    """Queue an item, at once; False if the oldest one had to make room."""
    full = queue.full()
    if full:
        queue.get_nowait()
        queue.task_done()
    queue.put_nowait(item)
    return not full


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks and wait for their end.

    A task is cancelled again until it heeds: on Python 3.11 `wait_for`, which redis-py sends
    with, swallows a cancellation that arrives together with the result.
    """
    alive = set(tasks)
    while alive:
        for task in alive:
            task.cancel()
        _, alive = await asyncio.wait(alive, timeout=0.5)
