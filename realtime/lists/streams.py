"""A subscription's frames: the first at once, then what is new, five times a second at most."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import structlog

from realtime.feed_events import Frame, ListReady
from realtime.lists.contacts import ContactWatch
from realtime.lists.counters import CountersWatch
from realtime.lists.feed import Feed
from realtime.lists.lists import ListWatch
from realtime.lists.loading import Loading
from realtime.lists.registry import Registry, Scope
from realtime.lists.sweep import Sweep
from realtime.lists.watch import Audience, Watch

log = structlog.get_logger()
EVERY_S = 0.2
"""Between two rounds of frames of one feed."""
RETRY_S = 0.5


@dataclass(frozen=True)
class Stream:
    """One subscription to a list, to counters, or to a contact's tickets."""

    lists: "Lists"
    kind: type[Watch]
    scope: Scope
    audience: Audience
    """What `scope` says as of now."""
    feed: Feed

    async def frames(self) -> AsyncGenerator[Frame]:
        """What the kind says first, then live; of each ticket the newest alone."""
        registry, feed = self.lists.registry, self.feed
        try:
            await self._begin()
            if self.kind is ListWatch:
                yield ListReady(registry.now())
            while True:
                await feed.arrived()
                loop = asyncio.get_running_loop()
                begun = loop.time()
                await registry.steady.wait()
                while (frame := feed.next()) is not None:
                    yield frame
                    await registry.steady.wait()
                await asyncio.sleep(max(0.0, begun + EVERY_S - loop.time()))
        finally:
            registry.leave(feed)

    async def _begin(self) -> None:
        while True:
            try:
                await self.lists.sweep.begin()
            except Exception:
                log.exception("lists cannot begin")
                await asyncio.sleep(RETRY_S)
            else:
                break
        await self.lists.registry.enter(self.feed, self.kind, self.audience, self.scope)


class Lists:
    """Everything that pushes lists in this process."""

    def __init__(self, healthy: Callable[[], bool]) -> None:
        """Whether hints may be relied on is asked of `healthy`."""
        self.registry = Registry()
        self.loading = Loading(self.registry)
        self.sweep = Sweep(self.registry, healthy)

    def start(self) -> None:
        """Begin to load and to sweep."""
        self.loading.start()
        self.sweep.start()

    async def stop(self) -> None:
        """End every task and timer."""
        await self.sweep.stop()
        await self.loading.stop()
        self.registry.lapses.clear()
        self.registry.watches.clear()

    async def of_operator(self, operator_id: int, scope: Scope, version: int) -> Stream:
        """`ticketListEvents`. What `scope` raises of a filter comes out here."""
        feed = Feed(operator_id, resets=True)
        return Stream(self, ListWatch, scope, await scope(version), feed)

    async def counters(self, operator_id: int, scope: Scope, version: int) -> Stream:
        """`ticketCountersChanged`; likewise."""
        return Stream(self, CountersWatch, scope, await scope(version), Feed(operator_id))

    async def of_contact(self, scope: Scope, version: int) -> Stream:
        """`ticketChanged` of the client area."""
        return Stream(self, ContactWatch, scope, await scope(version), Feed())
