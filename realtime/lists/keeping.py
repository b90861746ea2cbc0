"""The watches there are; one whose last feed has gone stays a while, for whoever reconnects."""

import asyncio

from models.conditions import Condition
from realtime.lists.feed import Feed
from realtime.lists.watch import Audience, Watch

KEPT_S = 60.0
"""A watch without feeds: filling it again for each of a storm of clients would cost more."""
SPARE = 256
"""Such watches at most."""

Key = tuple[type[Watch], Condition, str]


class Keeping:
    """Watches by what they watch."""

    def __init__(self) -> None:
        self._watches: dict[Key, Watch] = {}
        self._spare: dict[Watch, asyncio.TimerHandle] = {}

    @property
    def any(self) -> bool:
        """Whether there are any, be it without feeds."""
        return bool(self._watches)

    def all(self) -> list[Watch]:
        """Every one."""
        return list(self._watches.values())

    def at(self, kind: type[Watch], audience: Audience) -> Watch:
        """The one for this audience, made if there is none."""
        key = (kind, audience.condition, audience.time_zone)
        found = self._watches.get(key)
        return found if found is not None else self._made(key, audience)

    def renew(self, watch: Watch) -> None:
        """Put an empty one in its place; its feeds are to be moved."""
        self._drop(watch)
        if watch.feeds:
            self._made(_key(watch), watch.audience)

    def enter(self, watch: Watch, feed: Feed) -> None:
        """One feed more."""
        watch.feeds.add(feed)
        self._watches.setdefault(_key(watch), watch)
        timer = self._spare.pop(watch, None)
        if timer is not None:
            timer.cancel()

    def leave(self, watch: Watch, feed: Feed) -> None:
        """One feed less."""
        watch.feeds.discard(feed)
        if watch.feeds or self._watches.get(_key(watch)) is not watch:
            return
        loop = asyncio.get_running_loop()
        self._spare[watch] = loop.call_later(KEPT_S, self._drop, watch)
        if len(self._spare) > SPARE:
            self._drop(next(iter(self._spare)))

    def clear(self) -> None:
        """None any more."""
        for watch in self.all():
            self._drop(watch)

    def _made(self, key: Key, audience: Audience) -> Watch:
        kind = key[0]
        watch = self._watches[key] = kind(audience)
        # Whoever had it made may be gone before they enter.
        asyncio.get_running_loop().call_later(KEPT_S, self._drop_empty, watch)
        return watch

    def _drop_empty(self, watch: Watch) -> None:
        if not watch.feeds:
            self._drop(watch)

    def _drop(self, watch: Watch) -> None:
        timer = self._spare.pop(watch, None)
        if timer is not None:
            timer.cancel()
        if self._watches.get(_key(watch)) is watch:
            del self._watches[_key(watch)]


def _key(watch: Watch) -> Key:
    return (type(watch), watch.condition, watch.audience.time_zone)
