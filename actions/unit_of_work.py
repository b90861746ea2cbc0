"""One transaction, its events announced after it commits."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from tortoise.transactions import in_transaction

from actions.events import Happened
from models.sql import connection, is_postgres

log = structlog.get_logger()
T = TypeVar("T")
Work = Callable[[], Awaitable[Any]]
Announce = Callable[[Happened], Awaitable[None]]
Watch = Callable[["Ended"], None]

DEADLINE_S = 10.0
"""For the body alone: cutting BEGIN or COMMIT short would leak the connection."""


@dataclass(frozen=True)
class Ended:
    """A unit of work that is over, for whoever measures: how long it took, and how it went."""

    began_ns: int
    """By the wall clock."""
    seconds: float
    """From BEGIN until after COMMIT or ROLLBACK; announcements come later."""
    error: BaseException | None
    """None when it was committed."""


@dataclass
class Unit:
    """The events of one transaction, and the only task that may join it."""

    task: "asyncio.Task[Any] | None"
    outside: Context
    """As it was before the transaction: where another task's unit begins."""
    events: dict[Happened, None] = field(default_factory=dict[Happened, None])
    """In order, each once."""
    last: dict[Work, None] = field(default_factory=dict["Work", None])


_current: ContextVar[Unit | None] = ContextVar("unit", default=None)
_listeners: list[Announce] = []
_watchers: list[Watch] = []
_running: set["asyncio.Task[Any]"] = set()


def announce_to(listener: Announce) -> Callable[[], None]:
    """Have every committed event told to `listener`; the function returned ends it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def watch(watcher: Watch) -> Callable[[], None]:
    """Have the end of every unit told to `watcher`, which must not block; the result ends it."""
    _watchers.append(watcher)
    return lambda: _watchers.remove(watcher)


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
        outer.last.update(inner.last)
        return result
    return await asyncio.shield(_begun(body, deadline_s))


def afterwards(body: Work) -> None:
    """Begin a unit that only `settle` waits for: an answer does not show what there was to do.

    What it raises is logged.
    """
    _begun(body, DEADLINE_S).add_done_callback(_reported)


def _begun(body: Callable[[], Awaitable[T]], deadline_s: float) -> "asyncio.Task[T]":
    outer = _current.get()
    context = outer.outside.copy() if outer is not None else None
    task = asyncio.create_task(_run(body, deadline_s), context=context)
    _running.add(task)
    task.add_done_callback(_done)
    return task


def record(event: Happened) -> None:
    """Note an event of the current unit; the same one twice is told once."""
    _joined().events[event] = None


def _joined() -> Unit:
    unit = _current.get()
    if unit is None or unit.task is not asyncio.current_task():
        raise RuntimeError("record() outside its unit of work")
    return unit


def last_of_all(work: Work) -> None:
    """Have `work` done at the end of the current unit, once: rows that everybody wants."""
    _joined().last[work] = None


async def settle() -> None:
    """Wait until the units under way have ended: called before the database is closed."""
    while _running:
        await asyncio.wait(set(_running))


def _done(task: "asyncio.Task[Any]") -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # the caller may have gone: then nobody else looks


def _reported(task: "asyncio.Task[Any]") -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("a unit of work that nobody waited for failed", exc_info=error)


async def _run(body: Callable[[], Awaitable[T]], deadline_s: float) -> T:
    with _watched():
        async with _transaction() as unit:
            if not is_postgres():
                # A write first: no reader becomes a writer midway.
                await connection().execute_query("UPDATE desk SET id = id")
            async with asyncio.timeout(deadline_s):
                result = await body()
                for work in unit.last:
                    await work()
    for event in unit.events:
        for listener in tuple(_listeners):
            try:
                await listener(event)
            except Exception:
                log.exception("announcement failed", happened=type(event).__name__)
    return result


@contextmanager
def _watched() -> Generator[None]:
    """Tell the watchers how the block went."""
    if not _watchers:
        yield
        return
    began_ns, began, error = time.time_ns(), time.perf_counter(), None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        ended = Ended(began_ns, time.perf_counter() - began, error)
        for watcher in tuple(_watchers):
            try:
                watcher(ended)
            except Exception:
                log.exception("a watcher of units of work failed")


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
