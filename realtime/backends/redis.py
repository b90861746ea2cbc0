"""The backend of several processes: Redis pub/sub that outlives Redis."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex

import structlog
from broadcaster import Event
from structlog.typing import FilteringBoundLogger

from realtime.backends.base import PENDING, Backend, ended, put
from realtime.backends.leg import Leg
from realtime.backends.wire import BROKEN, STEP_S, Message, Subscription, client

log: FilteringBoundLogger = structlog.get_logger()

BEAT_S = 2.0
SILENCE_S = 5.0
"""Two beats and a half: a Redis that is frozen raises no error, it is only silent."""
BATCH = 128
"""Hints per round trip."""


class RedisBackend(Backend):
    """Two connections, each looked after by one task that never raises.

    broadcaster's own task listens, in `next_published`. A task of ours publishes what is
    pending, in order; a batch that fails is sent again until Redis takes it, so a hint may
    arrive twice. Nobody who publishes ever waits.
    """

    def __init__(
        self, url: str, prefix: str, channels: Sequence[str], gap: Callable[[], None]
    ) -> None:
        super().__init__(gap)
        self._client = client(url)
        # A heartbeat is for whoever sends it: a shared one costs the square of the processes.
        self._beat = f"{prefix}:beat:{token_hex(8)}"
        # All are told here that a process had to drop hints, once it can say so.
        self._lost = f"{prefix}:lost"
        self._channels = (*channels, self._lost, self._beat)
        self._listening, self._publishing = Leg(self._turned), Leg(self._turned)
        self._settled = asyncio.Event()
        self._down_since: float | None = None
        # The side that listens.
        self._subscription: Subscription | None = None
        self._acknowledged: set[bytes] = set()
        self._heard_at = 0.0
        # The side that publishes.
        self._pending: asyncio.Queue[tuple[str, str]] = asyncio.Queue(PENDING)
        self._beat_at = 0.0
        self._told_dropped = 0

    @property
    def healthy(self) -> bool:
        return self._listening.up and self._publishing.up

    async def connect(self) -> None:
        self._publisher = asyncio.create_task(self._publish(), name="hints to Redis")

    async def settled(self) -> None:
        await self._settled.wait()

    async def disconnect(self) -> None:
        """Send what is pending, if Redis takes it within a second, and close."""
        if self._publishing.up:
            with suppress(TimeoutError):
                async with asyncio.timeout(STEP_S):
                    await self._pending.join()
        await ended(self._publisher)
        await self._hang_up()
        with self._publishing:
            await self._client.aclose()

    async def publish(self, channel: str, message: str) -> None:
        """Have a message sent, at once; when too many wait, the oldest goes."""
        if not put(self._pending, (channel, message)):
            self.counts.dropped += 1

    async def next_published(self) -> Event:
        """The next hint, however often Redis dies before it comes."""
        while True:
            with self._listening:
                event = await self._hear()
                if event is None:
                    continue
                # The queue that broadcaster puts it in has no bound, but its reader, who never
                # waits for anything else, now gets its turn before the next hint. What comes
                # faster waits in the socket, and Redis cuts off whoever is too slow: a gap.
                await asyncio.sleep(0)
                return event
            await self._hang_up()
            await self._listening.pause()

    async def _hear(self) -> Event | None:
        """Wait for one message, connected and subscribed first if need be; None is no hint."""
        now = asyncio.get_running_loop().time
        if self._subscription is None:
            self._acknowledged.clear()
            self._subscription = self._client.pubsub()
            async with asyncio.timeout(2 * STEP_S):
                await self._subscription.subscribe(*self._channels)
            self._heard_at = now()
        patience = SILENCE_S if self._listening.up else STEP_S
        left = self._heard_at + patience - now()
        message = await self._subscription.get_message(timeout=max(left, 0))
        if message:
            self._heard_at = now()
            return self._sorted(message)
        if now() >= self._heard_at + patience:
            raise ConnectionError(f"Redis is silent for {patience:g} s")
        return None

    def _sorted(self, message: Message) -> Event | None:
        data, channel = message["data"], message["channel"].decode()
        if message["type"] == "subscribe":
            # In one command all channels are subscribed at once, and acknowledged one by one.
            self._missed()
            self._acknowledged.add(message["channel"])
            if len(self._acknowledged) == len(self._channels):
                self._listening.works()
        elif channel == self._lost:
            self._missed()
        elif channel != self._beat and isinstance(data, bytes):
            # Bytes that are no text become text that is no JSON.
            return Event(channel, data.decode(errors="surrogateescape"))
        return None

    async def _hang_up(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription:
            with self._listening:
                await subscription.aclose()

    async def _publish(self) -> None:
        batch: list[tuple[str, str]] = []
        while True:
            batch = batch or await self._batch()
            with self._publishing:
                async with asyncio.timeout(STEP_S):
                    await self._send(batch)
                self._publishing.works()
                self.counts.published += len(batch)
                for _ in batch:
                    self._pending.task_done()
                batch = []
                continue
            await self._publishing.pause()

    async def _batch(self) -> list[tuple[str, str]]:
        """What is pending, as soon as something is; nothing when a beat is due before.

        Our own hints come back to us, and are as good as a beat.
        """
        batch: list[tuple[str, str]] = []
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._beat_at):
                batch.append(await self._pending.get())
        while batch and len(batch) < BATCH and not self._pending.empty():
            batch.append(self._pending.get_nowait())
        return batch

    async def _send(self, batch: list[tuple[str, str]]) -> None:
        now, dropped = asyncio.get_running_loop().time(), self.counts.dropped
        pipeline = self._client.pipeline(transaction=False)
        for channel, message in batch:
            pipeline.publish(channel, message)
        if dropped > self._told_dropped:
            pipeline.publish(self._lost, "")
        if not batch:
            pipeline.publish(self._beat, "")
        await pipeline.execute()
        self._beat_at = now + BEAT_S
        self._told_dropped = dropped

    def _turned(self, cause: Exception | None) -> None:
        """One of the two came up, or failed, perhaps once more."""
        now = asyncio.get_running_loop().time()
        if cause is not None:
            self.counts.failures += 1
        if self.healthy:
            if self._down_since is not None:
                log.info("hints flow again", seconds=round(now - self._down_since, 1))
            self._down_since = None
        elif cause is not None and self._down_since is None:
            self._down_since = now
            self.counts.outages += 1
            self._missed()
            bug = None if isinstance(cause, BROKEN) else cause
            text = f"{type(cause).__name__}: {cause}"
            log.warning("hints do not flow", cause=text, exc_info=bug)
        if self.healthy or cause is not None:
            self._settled.set()
