"""Topics of one process: what is watched, loaded once per change, handed to every listener."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeGuard

import structlog

from models.sql import Statement, rows
from realtime.cursors import Position
from realtime.log import Change, change_since

log = structlog.get_logger()

BUFFER = 256
"""Changes a listener may have waiting; one that has more reads the log itself."""
VIEWERS_EVERY_S = 1.0
CHECK_HEALTHY_S = 15.0
CHECK_UNHEALTHY_S = 1.0
LAPSE_MARGIN_S = 0.05
"""A lock that ends is looked at this long after its end."""
RETRY_S = 0.5


@dataclass(frozen=True)
class Own:
    """Something only one operator sees of the ticket changed."""

    operator_id: int


@dataclass(frozen=True)
class Lagged:
    """More came than the listener took: read the log from where it stands."""


Signal = Change | Own | Lagged


class Listener:
    """One feed's place in a topic: a bounded buffer, filled from the moment of joining."""

    def __init__(self) -> None:
        self._waiting: deque[Signal] = deque()
        self._arrived = asyncio.Event()

    def put(self, signal: Signal) -> None:
        """Hand over a signal; never waits. What waits already is not doubled."""
        if not isinstance(signal, Change) and signal in self._waiting:
            return
        if len(self._waiting) >= BUFFER:
            self._waiting.clear()
            signal = Lagged()
        self._waiting.append(signal)
        self._arrived.set()

    def expire(self) -> None:
        """Rights have changed since what waits was loaded: whoever listens reads anew."""
        if self._waiting:
            self._waiting.clear()
            self._waiting.append(Lagged())

    async def next(self) -> Signal:
        """The next signal, in order."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


class Topic:
    """One ticket's listeners, and the task that loads for all of them."""

    def __init__(self, ticket_id: int) -> None:
        self.ticket_id = ticket_id
        self.listeners: set[Listener] = set()
        self.position: Position | None = None
        self._rights_version: int | None = None
        self._dirty = asyncio.Event()
        self._lapse: asyncio.TimerHandle | None = None
        self._viewers: asyncio.TimerHandle | None = None
        self._task = asyncio.create_task(self._pump(), name=f"topic {ticket_id}")

    def wake(self) -> None:
        """Something may have happened: load."""
        self._dirty.set()

    def tell(self, signal: Signal) -> None:
        """Hand the signal to every listener."""
        for listener in self.listeners:
            listener.put(signal)

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
        self.position = change.position
        self._watch_lock(change)
        self._watch_rights(change.ticket.rights_version)
        self.tell(change)

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
        lock = change.ticket.reply_lock
        if lock is not None:
            left = (lock.expires_at - datetime.now(UTC)).total_seconds()
            loop = asyncio.get_running_loop()
            self._lapse = loop.call_later(max(left, 0) + LAPSE_MARGIN_S, self.wake)


class Hub:
    """All topics of this process."""

    def __init__(self, healthy: Callable[[], bool]) -> None:
        """`healthy()`: may hints be relied on? If not, positions are checked more often."""
        self._healthy = healthy
        self._topics: dict[int, Topic] = {}
        self._check: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._rights_version: int | None = None

    def start(self) -> None:
        """Begin to check positions."""
        self._check = asyncio.create_task(self._check_positions(), name="position check")

    async def stop(self) -> None:
        """End every task."""
        if self._check is not None:
            self._check.cancel()
            await asyncio.wait([self._check])
        await asyncio.gather(*(topic.close() for topic in self._topics.values()), *self._closing)
        self._topics.clear()

    def join(self, ticket_id: int) -> tuple[Topic, Listener]:
        """Listen to a ticket; what happens from now on is buffered."""
        topic = self._topics.get(ticket_id)
        if topic is None:
            topic = self._topics[ticket_id] = Topic(ticket_id)
        listener = Listener()
        topic.listeners.add(listener)
        return topic, listener

    def leave(self, topic: Topic, listener: Listener) -> None:
        """Stop listening; a topic without listeners goes."""
        topic.listeners.discard(listener)
        if not topic.listeners and self._topics.get(topic.ticket_id) is topic:
            del self._topics[topic.ticket_id]
            task = asyncio.create_task(topic.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def hint(self, message: dict[str, int | str]) -> None:
        """What the broker brings: of a ticket's position, of an operator's own, of rights."""
        ticket_id = message.get("ticket")
        if "rights" in message:
            self.wake_all()
        elif isinstance(ticket_id, int) and ticket_id in self._topics:
            topic = self._topics[ticket_id]
            operator_id = message.get("operator")
            if isinstance(operator_id, int):
                topic.tell(Own(operator_id))
            elif _is_news(topic.position, message):
                topic.wake()

    def viewers_moved(self, ticket_id: int) -> None:
        """The presence of a ticket changed."""
        if ticket_id in self._topics:
            self._topics[ticket_id].viewers_moved()

    def wake_all(self) -> None:
        """Anything may have happened: every topic loads."""
        for topic in self._topics.values():
            topic.wake()

    async def _check_positions(self) -> None:
        since_last_s = 0.0
        while True:
            await asyncio.sleep(CHECK_UNHEALTHY_S)
            since_last_s += CHECK_UNHEALTHY_S
            if self._healthy() and since_last_s < CHECK_HEALTHY_S:
                continue
            since_last_s = 0.0
            try:
                await self._check_once()
            except Exception:
                log.exception("position check failed")

    async def _check_once(self) -> None:
        """One statement for the heads of all topics; those that moved load."""
        if not self._topics:
            return
        heads = await _heads(self._topics)
        version = next((row["rights_version"] for row in heads), None)
        if version != self._rights_version:
            self._rights_version = version
            self.wake_all()
        for row in heads:
            topic = self._topics.get(row["id"])
            head = Position(row["seq"], row["revision"])
            if topic is not None and topic.position is not None and topic.position != head:
                topic.wake()


def _is_news(known: Position | None, message: dict[str, int | str]) -> bool:
    """Whether a hint tells more than is known; one without a revision always may."""
    revision = message.get("revision")
    return known is None or not _is_number(revision) or revision > known.revision


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int)


async def _heads(ticket_ids: Iterable[int]) -> list[dict[str, int]]:
    to = Statement()
    sql = f"""
        SELECT t.id, t.seq, t.revision, d.rights_version FROM ticket t, desk d
        WHERE {to.among("t.id", ticket_ids)}"""
    return await rows(sql, to)
