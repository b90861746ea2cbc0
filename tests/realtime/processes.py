"""Several processes of one installation, as far as viewers go, in one loop."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from models.enums import ViewerState
from realtime.backends.base import ended
from realtime.backends.board import Board
from realtime.backends.memory_board import MemoryBoard
from realtime.backends.redis_board import RedisBoard
from realtime.broker import Broker, Hint
from realtime.presence import Presence, Viewer

Seen = list[tuple[int, str]]
"""Operators and what they do, the earliest first."""


def briefly(viewers: list[Viewer]) -> Seen:
    return [(one.operator_id, one.state.value) for one in viewers]


VIEWING, IDLE, REPLYING = (
    state.value for state in (ViewerState.VIEWING, ViewerState.IDLE, ViewerState.REPLYING)
)


@dataclass
class Process:
    """A process's presence, what it was told of, and hints it loses at random."""

    broker: Broker
    board: Board
    dice: random.Random
    loses: float = 0.0
    changed: list[int] = field(default_factory=list[int])
    gone: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def __post_init__(self) -> None:
        self.presence = Presence(
            self.board,
            self.broker.publish,
            lambda: self.broker.healthy,
            self.changed.append,
            lambda ticket_id, operator_id: self.gone.append((ticket_id, operator_id)),
        )
        self.broker.listen(self._hear)
        self.broker.on_gap(self.presence.missed)

    def _hear(self, hint: Hint) -> None:
        if self.dice.random() >= self.loses:
            self.presence.hint(hint)

    def sees(self, ticket_id: int = 1, holder: int | None = None) -> Seen:
        """As a feed of this process would say."""
        return briefly(self.presence.viewers(ticket_id, holder))

    async def looks_up(self, *tickets: int) -> list[Seen]:
        """As a query would say."""
        return [
            briefly(one) for one in await self.presence.viewers_of([(t, None) for t in tickets])
        ]


class Installation:
    """Processes that share a Redis, or the memory of this one."""

    def __init__(self, redis_url: str = "", prefix: str = "test", seed: int = 0) -> None:
        self.dice = random.Random(seed)  # noqa: S311
        self._url, self._prefix = redis_url, prefix
        self._memory, self._brokers = MemoryBoard(), list[Broker]()
        self.running: list[Process] = []

    async def process(self, *watching: int, loses: float = 0.0) -> Process:
        """Start one that has feeds of these tickets."""
        if self._url:
            broker, board = Broker(self._url, self._prefix), RedisBoard(self._url, self._prefix)
        else:
            broker, board = Broker("memory://"), self._memory
        process = Process(broker, board, self.dice, loses)
        if not self._url:
            # What Redis does: a hint that is published anywhere is heard everywhere.
            for other in self.running:
                other.broker.listen(process._hear)
                broker.listen(other._hear)
        await broker.start()
        await process.presence.start()
        for ticket_id in watching:
            process.presence.watch(ticket_id)
            await process.presence.loaded(ticket_id)
        self.running.append(process)
        return process

    async def stop(self, process: Process) -> None:
        """As SIGTERM does."""
        self.running.remove(process)
        await process.presence.stop()
        await process.broker.stop()

    async def kill(self, process: Process) -> None:
        """As SIGKILL does: not a word to anybody."""
        self.running.remove(process)
        exchange = process.presence._exchange
        task, exchange._task = exchange._task, None
        assert task
        await ended(task)
        await process.board.close()
        await process.broker.stop()


@asynccontextmanager
async def installation(
    redis_url: str = "", prefix: str = "test", seed: int = 0
) -> AsyncGenerator[Installation]:
    """Without a Redis it shares memory; every process is stopped at the end, and leaves no task."""
    opened, before = Installation(redis_url, prefix, seed), asyncio.all_tasks()
    try:
        yield opened
    finally:
        for process in [*opened.running]:
            await opened.stop(process)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left
