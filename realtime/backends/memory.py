"""The backend of a single process: a queue."""

import asyncio
from collections.abc import Callable

from broadcaster import Event

from realtime.backends.base import PENDING, Backend, put


class MemoryBackend(Backend):
    """Does all that the Redis backend does, save failing."""

    def __init__(self, gap: Callable[[], None]) -> None:
        super().__init__(gap)
        self._pending: asyncio.Queue[Event] = asyncio.Queue(PENDING)

    async def connect(self) -> None:
        self._missed()

    async def publish(self, channel: str, message: str) -> None:
        self.counts.published += 1
        if not put(self._pending, Event(channel, message)):
            self.counts.dropped += 1
            self._missed()

    async def next_published(self) -> Event:
        event = await self._pending.get()
        # See RedisBackend.next_published.
        await asyncio.sleep(0)
        return event
