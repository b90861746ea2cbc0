"""Hints between the processes of one installation: what changed, never how."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Protocol, cast

import orjson
import structlog
from broadcaster import Broadcast, Event
from structlog.typing import FilteringBoundLogger

from realtime.backends.base import Backend, Counts, ended
from realtime.backends.memory import MemoryBackend
from realtime.backends.redis import RedisBackend

log: FilteringBoundLogger = structlog.get_logger()

Hint = dict[str, int | str]
"""`{"ticket": 5, "number": 7, "revision": 9}`, `{"session": 12}`, `{"rights": 1}` …"""

CHANNELS = 16
MAX_INTEGER = 2**63 - 1
MAX_CHARACTERS = 1024
"""Of a hint as JSON: ours have less than 100."""


class Subscriber(Protocol):
    """broadcaster's, which it does not export."""

    async def get(self) -> Event: ...


class Bus(Broadcast):
    """broadcaster, which cancels its listener but does not wait until it let go of Redis."""

    async def disconnect(self) -> None:
        await ended(self._listener_task)
        await self._backend.disconnect()


class Broker:
    """One per process. A hint goes to all processes, this one included.

    Hints may be lost, doubled, late and out of order; those of one ticket usually are not.
    Whoever listens takes the truth from the log: when a hint says so, after every gap, and
    now and then, more often while the broker is not healthy.
    """

    def __init__(self, url: str, prefix: str = "sportello") -> None:
        """`memory://`, or the address of a Redis; raises ValueError for anything else.

        Installations that share a Redis, whatever its database number, differ in `prefix`.
        """
        self._channels = [f"{prefix}:hints:{number:02}" for number in range(CHANNELS)]
        self._backend = self._backend_at(url, prefix)
        self._bus = Bus(backend=self._backend)
        self._listeners: list[Callable[[Hint], None]] = []
        self._gap_listeners: list[Callable[[], None]] = []
        self._readers: list[asyncio.Task[None]] = []
        self._subscriptions: AsyncExitStack | None = None

    def _backend_at(self, url: str, prefix: str) -> Backend:
        if url.startswith("memory:"):
            return MemoryBackend(self._gap)
        return RedisBackend(url, prefix, self._channels, self._gap)

    @property
    def healthy(self) -> bool:
        """Whether hints flow both ways; while not, check positions every second."""
        return self._backend.healthy

    @property
    def counts(self) -> Counts:
        """What happened since the start, for the metrics."""
        return self._backend.counts

    def listen(self, callback: Callable[[Hint], None]) -> None:
        """Have every hint handed to `callback`; it must not block. Before the start."""
        self._listeners.append(callback)

    def on_gap(self, callback: Callable[[], None]) -> None:
        """Have `callback` called whenever hints may have been missed. Before the start."""
        self._gap_listeners.append(callback)

    async def start(self) -> None:
        """Begin. Returns when hints flow or the first attempt has failed: it does not raise."""
        self._subscriptions = AsyncExitStack()
        await self._bus.connect()
        for channel in self._channels:
            subscriber = await self._subscriptions.enter_async_context(self._bus.subscribe(channel))
            self._readers.append(asyncio.create_task(self._read(subscriber), name=channel))
        await self._backend.settled()

    async def stop(self) -> None:
        """Send what is pending, for a second at most, and leave nothing behind."""
        subscriptions, self._subscriptions = self._subscriptions, None
        if subscriptions:
            await self._bus.disconnect()
            await ended(*self._readers)
            await subscriptions.aclose()

    async def publish(self, hint: Hint) -> None:
        """Tell all processes, without waiting for it. Never raises: what it tells of is done."""
        message = _written(hint)
        if message is not None:
            await self._bus.publish(self._channels[_channel(hint)], message)

    async def _read(self, subscriber: Subscriber) -> None:
        while True:
            event = await subscriber.get()
            hint = _understood(event.message)
            if hint is None:
                self.counts.garbage += 1
                continue
            self.counts.received += 1
            for listener in self._listeners:
                _told(listener, hint)

    def _gap(self) -> None:
        for listener in self._gap_listeners:
            _told(listener)


def _channel(hint: Hint) -> int:
    """All of one ticket on one channel, so that they stay in order; the rest on the first."""
    ticket = hint.get("ticket", hint.get("viewers", 0))
    return ticket % CHANNELS if isinstance(ticket, int) else 0


def _told(listener: Callable[..., None], *what: Hint) -> None:
    try:
        listener(*what)
    except Exception:
        log.exception("a listener of the broker failed")


def _written(hint: Hint) -> str | None:
    """A hint as JSON; None, and a line in the log, for one that nobody would understand."""
    try:
        message = orjson.dumps(hint).decode()
    except TypeError:
        message = ""
    if _understood(message) is None:
        log.error("not a hint", hint=repr(hint)[:MAX_CHARACTERS], stack_info=True)
        return None
    return message


def _understood(message: str) -> Hint | None:
    """The hint in a message; None for anything else, which anybody may have published."""
    if len(message) > MAX_CHARACTERS:
        return None
    try:
        # Integers of more than 64 bits come as floats.
        content: object = orjson.loads(message)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(content, dict):
        return None
    hint = cast("dict[str, object]", content)
    return cast("Hint", hint) if hint and all(map(_is_plain, hint.values())) else None


def _is_plain(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, str) or (isinstance(value, int) and abs(value) <= MAX_INTEGER)
