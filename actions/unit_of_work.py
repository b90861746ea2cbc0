"""One transaction, its events announced after it commits."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from tortoise.transactions import in_transaction

from actions.events import Happened
from models.sql import connection, is_postgres

log = structlog.get_logger()
T = TypeVar("T")
Announce = Callable[[Happened], Awaitable[None]]

DEADLINE_S = 10.0
"""For the body alone: cutting BEGIN or COMMIT short would leak the connection."""


@dataclass
class Unit:
    """The events of one transaction, and the only task that may join it."""

    task: "asyncio.Task[Any] | None"
    outside: Context
    """As it was before the transaction: where another task's unit begins."""
    events: dict[Happened, None] = field(default_factory=dict[Happened, None])
    """In order, each once."""


_current: ContextVar[Unit | None] = ContextVar("unit", default=None)
_listeners: list[Announce] = []
_running: set["asyncio.Task[Any]"] = set()


def announce_to(listener: Announce) -> Callable[[], None]:
    """Have every committed event told to `listener`; the function returned ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


async def unit_of_work(body: Callable[[], Awaitable[T]], deadline_s: float = DEADLINE_S) -> T:
    """Run `body` in a transaction that no cancellation interrupts; then announce its events.

    Inside another unit of the same task it is a savepoint: on failure its rows and its events
    go, the outer's stay. Raises what `body` raises, and TimeoutError past the deadline (seconds).
    """
    outer = _current.get()
    if outer is not None and outer.task is asyncio.current_task():
        async with _transaction() as inner:
            result = await body()
        outer.events.update(inner.events)
        return result
    context = outer.outside.copy() if outer is not None else None
    task = asyncio.create_task(_run(body, deadline_s), context=context)
    _running.add(task)
    task.add_done_callback(_done)
    return await asyncio.shield(task)


def record(event: Happened) -> None:
    """Note an event of the current unit; the same one twice is told once."""
    unit = _current.get()
    if unit is None or unit.task is not asyncio.current_task():
        raise RuntimeError("record() outside its unit of work")
    unit.events[event] = None


async def settle() -> None:
    """Wait until the units under way have ended: called before the database is closed."""
    while _running:
        await asyncio.wait(set(_running))


def _done(task: "asyncio.Task[Any]") -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # the caller may have gone: then nobody else looks


async def _run(body: Callable[[], Awaitable[T]], deadline_s: float) -> T:
    async with _transaction() as unit:
        if not is_postgres():
            await connection().execute_query("UPDATE desk SET id = id")  # a write first: no upgrade
        async with asyncio.timeout(deadline_s):
            result = await body()
    for event in unit.events:
        for listener in tuple(_listeners):
            try:
                await listener(event)
            except Exception:
                log.exception("announcement failed", happened=type(event).__name__)
    return result


@asynccontextmanager
async def _transaction() -> AsyncGenerator[Unit]:
    outer = _current.get()
    unit = Unit(asyncio.current_task(), outer.outside if outer is not None else copy_context())
    token = _current.set(unit)
    try:
        async with in_transaction():
            yield unit
    finally:
        _current.reset(token)
