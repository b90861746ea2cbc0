"""All lists that one process pushes: who watches what, and what is yet to be looked at."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from models.enums import FeedResetReason
from realtime.lists.feed import Feed
from realtime.lists.keeping import Keeping
from realtime.lists.lapses import Lapses
from realtime.lists.queries import State
from realtime.lists.watch import Audience, Targets, Watch

log = structlog.get_logger()
RETRY_S = 0.5

Scope = Callable[[int], Awaitable[Audience]]
"""What somebody watches, by the rights of this version or a later one."""


@dataclass(frozen=True)
class Due:
    """What is to be done to watches before anything more is judged."""

    rights: bool = False
    """Ask every feed anew what it watches."""
    own: bool = False
    """Read anew what only SQL decides: it may have changed without a word."""
    day: bool = False
    """Somewhere a day has begun."""
    reset: FeedResetReason | None = None
    """Read everything anew, and have clients do so."""


NOTHING = Due()


class Registry:
    """Feeds and their watches. Without any it does nothing."""

    def __init__(self) -> None:
        self.watches = Keeping()
        self.seats: dict[Feed, Watch] = {}
        self.scopes: dict[Feed, Scope] = {}
        self.dirty: dict[int, Targets | None] = {}
        """Tickets to be looked at, and for whom: None for all."""
        self.due = NOTHING
        self.state: State | None = None
        """By which everything was judged last."""
        self.revisions: dict[int, tuple[int, datetime]] = {}
        """Of tickets judged lately: the revision, and when it was written."""
        self.skew = timedelta()
        """By how much the database's clock is ahead of this process's."""
        self.wanted = asyncio.Event()
        self.hurry = asyncio.Event()
        """Rights have moved: do not wait."""
        self.steady = asyncio.Event()
        """Not set while rights are known to have moved: what was judged before is not sent."""
        self.steady.set()
        self.lapses = Lapses(self.look)

    @property
    def idle(self) -> bool:
        """Whether all that is known to have happened was judged."""
        return not self.dirty and not self.wanted.is_set() and self.steady.is_set()

    def now(self) -> datetime:
        """By the database's clock."""
        return datetime.now(UTC) + self.skew

    # --- what happens

    def hint(self, message: dict[str, int | str]) -> None:
        """What the broker brings: of a ticket's position, of an operator's own, of rights."""
        id, operator_id = message.get("ticket"), message.get("operator")
        if not self.watches.any:
            return
        if "rights" in message:
            self.rights_moved()
        elif isinstance(id, int) and "operator" in message:
            self.look(id, operator_id)
        elif isinstance(id, int) and self._is_news(id, message.get("revision")):
            self.look(id)

    def look(self, id: int, target: object = None) -> None:
        """The ticket is to be looked at: for one target, or for all."""
        targets = self.dirty.setdefault(id, set())
        if target is None:
            self.dirty[id] = None
        elif targets is not None:
            targets.add(target)
        self.wanted.set()

    def rights_moved(self) -> None:
        """Look at the state of the desk before anything more is sent."""
        self.steady.clear()
        self.hurry.set()
        self.wanted.set()

    def own_states_missed(self) -> None:
        """Marks and drafts may have changed without a word."""
        self.due = replace(self.due, own=True)
        self.wanted.set()

    def missed(self, reason: FeedResetReason) -> None:
        """More than can be told one by one."""
        self.due = replace(self.due, reset=reason)
        self.rights_moved()

    def look_at_the_day(self) -> None:
        """Counters begin anew where midnight has passed."""
        now = self.now()
        if any(watch.until is not None and watch.until <= now for watch in self.watches.all()):
            self.due = replace(self.due, day=True)
            self.wanted.set()

    def _is_news(self, id: int, revision: int | str | None) -> bool:
        known = self.revisions.get(id)
        return known is None or not isinstance(revision, int) or revision > known[0]

    # --- feeds

    async def enter(self, feed: Feed, kind: type[Watch], audience: Audience, scope: Scope) -> None:
        """Have the feed told of what happens from now on; returns when its watch is filled."""
        watch = self.watches.at(kind, audience)
        self.seat(feed, watch)
        self.scopes[feed] = scope
        feed.acting = audience.acting
        if self.state is not None and self.state.version != audience.version:
            self.due = replace(self.due, rights=True)
            self.rights_moved()
        while True:
            watch = self.seats[feed]
            await self._filled(watch)
            await self.steady.wait()
            if watch is self.seats[feed]:
                break
        watch.welcome(feed)

    def seat(self, feed: Feed, watch: Watch) -> None:
        """The feed is told of this watch's tickets from now on, and of no other's."""
        self.unseat(feed)
        self.seats[feed] = watch
        self.watches.enter(watch, feed)

    def unseat(self, feed: Feed) -> None:
        """The feed is told of nothing."""
        watch = self.seats.pop(feed, None)
        if watch is not None:
            self.watches.leave(watch, feed)

    def leave(self, feed: Feed) -> None:
        """Nobody listens any more."""
        self.scopes.pop(feed, None)
        self.unseat(feed)

    async def fill(self, watch: Watch) -> None:
        """Have it know its tickets."""
        for id in await watch.filled(self.now()):
            self.look(id, watch)

    async def _filled(self, watch: Watch) -> None:
        while True:
            try:
                await self.fill(watch)
            except Exception:
                log.exception("list fill failed")
                await asyncio.sleep(RETRY_S)
            else:
                return
