"""Finds what hints did not say: every fifteen seconds, every second while they may be lost."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from models.enums import FeedResetReason
from models.sql import clock
from realtime.lists.queries import locks_in_force, state, written_since
from realtime.lists.registry import Registry

log = structlog.get_logger()

HEALTHY_S = 15.0
UNHEALTHY_S = 1.0
OVERLAP = timedelta(seconds=60)
"""A row says when it was written, and is seen when that is committed: ten seconds later at most."""
MOST = 2000
"""Tickets missed; beyond it lists are queried again."""


class Sweep:
    """Compares what was written lately with what was judged."""

    def __init__(self, registry: Registry, healthy: Callable[[], bool]) -> None:
        """Whether hints may be relied on is asked of `healthy`."""
        self._registry = registry
        self._healthy = healthy
        self._since: datetime | None = None
        """Everything written before, but for the overlap, is known."""
        self._beginning = asyncio.Lock()
        self._gap = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="lists sweep")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def gap(self) -> None:
        """Hints may have been missed, of marks and drafts too."""
        if self._registry.watches.any:
            self._registry.own_states_missed()
            self._gap.set()

    async def begin(self) -> None:
        """Before the first feed: from here on, what is written is told. Raises what SQL raises."""
        async with self._beginning:
            if self._since is not None and self._registry.watches.any:
                return
            registry = self._registry
            now = await self._clock()
            registry.revisions = {
                id: (revision, at) for id, revision, at in await written_since(now - OVERLAP)
            }
            for id, expires in await locks_in_force():
                registry.lapses.at(id, (expires - now).total_seconds())
            registry.state = await state()
            self._since = now

    async def once(self) -> None:
        """What was written since the last time, and was not judged, is looked at."""
        registry = self._registry
        if self._since is None or not registry.watches.any:
            return
        since = self._since - OVERLAP
        now = await self._clock()
        if await state() != registry.state:
            registry.rights_moved()
        found = await written_since(since)
        late = [id for id, revision, _ in found if registry.revisions.get(id, ("",))[0] != revision]
        if len(late) > MOST:
            registry.revisions.update((id, (revision, at)) for id, revision, at in found)
            registry.missed(FeedResetReason.TOO_FAR_BEHIND)
        else:
            for id in late:
                registry.look(id)
        for id in [id for id, (_, at) in registry.revisions.items() if at <= now - OVERLAP]:
            del registry.revisions[id]
        self._since = now

    async def _clock(self) -> datetime:
        now = await clock()
        self._registry.skew = now - datetime.now(UTC)
        return now

    async def _run(self) -> None:
        waited_s = 0.0
        while True:
            try:
                async with asyncio.timeout(UNHEALTHY_S):
                    await self._gap.wait()
            except TimeoutError:
                waited_s += UNHEALTHY_S
            self._registry.look_at_the_day()
            if self._healthy() and waited_s < HEALTHY_S and not self._gap.is_set():
                continue
            self._gap.clear()
            try:
                await self._swept(waited_s)
            except Exception:
                log.exception("list sweep failed")
            if waited_s >= HEALTHY_S:
                waited_s = 0.0

    async def _swept(self, waited_s: float) -> None:
        if not self._healthy() and waited_s >= HEALTHY_S:
            self._registry.own_states_missed()
        await self.once()
