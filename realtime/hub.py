"""All topics of one process: who joins and leaves, what hints and position checks wake."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeGuard

from models.rows import VERSIONED, VERSIONS
from models.sql import Statement, rows
from realtime.checking import Checking
from realtime.cursors import Position
from realtime.listener import Listener
from realtime.tally import Tally
from realtime.topic import Topic


class Hub:
    """All topics of this process."""

    def __init__(self, healthy: Callable[[], bool], tally: Tally) -> None:
        """`healthy()`: may hints be relied on? If not, positions are checked more often."""
        self.tally = tally
        self._topics: dict[int, Topic] = {}
        self._check = Checking("position check", self._check_once, healthy)
        self._closing: set[asyncio.Task[None]] = set()
        self._versions: tuple[int, int] | None = None
        """Of rights and of sessions."""

    def start(self) -> None:
        """Begin to check positions."""
        self._check.start()

    async def stop(self) -> None:
        """End every task."""
        await self._check.stop()
        await asyncio.gather(*(topic.close() for topic in self._topics.values()), *self._closing)
        self._topics.clear()

    def join(self, ticket_id: int) -> tuple[Topic, Listener]:
        """Listen to a ticket; what happens from now on is buffered."""
        topic = self._topics.get(ticket_id)
        if topic is None:
            topic = self._topics[ticket_id] = Topic(ticket_id, self.tally)
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
                topic.tell_own(operator_id)
            elif _is_news(topic.position, message):
                topic.hinted()

    def viewers_moved(self, ticket_id: int) -> None:
        """The presence of a ticket changed."""
        if ticket_id in self._topics:
            self._topics[ticket_id].viewers_moved()

    def wake_all(self) -> None:
        """Anything may have happened: every topic loads."""
        for topic in self._topics.values():
            topic.wake()

    async def _check_once(self) -> None:
        """One statement for the heads of all topics; those that moved load."""
        if not self._topics:
            return
        heads = await _heads(self._topics)
        versions = next(((row["rights_version"], row["sessions_version"]) for row in heads), None)
        if versions != self._versions:
            self._versions = versions
            self.wake_all()
        for row in heads:
            topic = self._topics.get(row["id"])
            head = Position(row["seq"], row["revision"])
            if topic is not None and topic.position is not None and topic.position != head:
                self.tally.gaps_repaired += 1
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
        SELECT t.id, t.seq, t.revision, {VERSIONS} FROM ticket t, {VERSIONED}
        WHERE {to.among("t.id", ticket_ids)}"""
    return await rows(sql, to)
