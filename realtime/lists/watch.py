"""A watch: the tickets that feeds are told of, one for all whose tickets are the same."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from models.compiled import compiled, divided
from models.conditions import ALWAYS, NEVER, Condition
from models.tickets import Ticket
from realtime.feed_events import Entered, Left, Memo, TicketMoved, Updated
from realtime.lists.feed import Feed


@dataclass(frozen=True)
class Audience:
    """What a feed watches, as of one version of rights."""

    condition: Condition
    """In normal form."""
    version: int
    time_zone: str = ""
    """Where its day begins, for counters."""
    acting: Hashable = None
    """What may be done with the tickets: lists show it, and are asked again when it changes."""


Targets = set[object]
"""Whom a look at a ticket is for: watches, feeds, operators by id."""


@dataclass(frozen=True)
class Look:
    """A ticket as it is, None when it is gone, and for whom it was loaded (None: for all)."""

    id: int
    ticket: Ticket | None
    targets: Targets | None
    memo: Memo

    @cached_property
    def left(self) -> Left:
        return Left(self.id, memo=self.memo)

    @cached_property
    def entered(self) -> Entered:
        return Entered(self._present, memo=self.memo)

    @cached_property
    def updated(self) -> Updated:
        return Updated(self._present, memo=self.memo)

    @cached_property
    def moved(self) -> TicketMoved:
        return TicketMoved(self._present, memo=self.memo)

    @property
    def _present(self) -> Ticket:
        if self.ticket is None:
            raise LookupError(self.id)
        return self.ticket


class Watch(ABC):
    """Tickets and feeds. What changes while it is being filled is looked at again afterwards."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.condition = audience.condition
        here, self.there = divided(audience.condition)
        self.passes = compiled(here)
        self.asks_sql = self.there != ALWAYS
        """Whether some of the condition is decided by a statement."""
        self.feeds: set[Feed] = set()
        self.until: datetime | None = None
        """When it changes by itself."""
        self.ready = False
        self._missed: set[int] = set()
        self._filling = asyncio.Lock()

    async def filled(self, now: datetime) -> Collection[int]:
        """Wait until it knows its tickets; the ids of those to be looked at again, for it."""
        async with self._filling:
            if self.ready:
                return ()
            self._missed.clear()
            if self.condition != NEVER:
                await self._fill(now)
            self.ready = True
            return self._missed.copy()

    def miss(self, id: int) -> None:
        """A change that comes too early to be judged."""
        self._missed.add(id)

    def concerned(self, targets: Targets | None) -> bool:
        """Whether anybody here asked for the look."""
        return (
            targets is None
            or self in targets
            or any(feed in targets or feed.operator_id in targets for feed in self.feeds)
        )

    def told(self, feed: Feed, look: Look) -> bool:
        """Whether this feed is told though the ticket came or went for nobody."""
        targets = look.targets
        return targets is None or self in targets or feed in targets or feed.operator_id in targets

    @abstractmethod
    async def _fill(self, now: datetime) -> None:
        """Read which tickets it has."""

    @abstractmethod
    def judge(self, look: Look, inside: bool) -> None:
        """Move on to the ticket as it is; have the feeds know."""

    @abstractmethod
    def settle(self, memo: Memo) -> None:
        """All of a batch was judged."""

    @abstractmethod
    def receive(self, feed: Feed, before: "Watch", memo: Memo) -> Collection[int]:
        """Tell a feed that comes from another watch what differs; ids still to be looked at."""

    @abstractmethod
    def welcome(self, feed: Feed) -> None:
        """A feed begins: what it knows is what is so now."""
