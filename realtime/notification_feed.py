"""`notificationAdded` and `notificationCountersChanged`: an operator's own, as they come."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from models import rows
from models.enums import Right
from models.notifications import Notification
from models.sight import Sight
from models.sights import sight_of
from models.sql import Statement, clock, instances, rows as query
from models.tickets import Ticket
from realtime.feed_events import Frame
from realtime.notices import Heard, Notices, Unread

log = structlog.get_logger()
T = TypeVar("T")

SETTLED = timedelta(seconds=60)
"""Ids are not in the order of commits. But a transaction lives 10 s at most: once a row is this
much older than another, no row with an id below its own is still to come."""
PAGE = 100
MISSED_MOST = 200
"""Of what was missed, the newest so many are told; the list has them all."""
RETRY_S = 0.5


@dataclass
class NotificationFeed:
    """One subscription of one operator to what they are told of."""

    notices: Notices
    operator_id: int
    scopes: frozenset[Right] | None = None
    """What a token may use of the operator's rights."""
    _floor: int = 0
    """Everything up to this id is known."""
    _told: dict[int, datetime] = field(default_factory=dict[int, datetime])
    """Beyond the floor: what is known all the same, and when it was made."""

    async def frames(self, after: int | None = None) -> AsyncGenerator[Notification]:
        """Each notification that comes, once, as far as its ticket is in sight when it is told.

        First those past the id `after`, if given.
        """
        listener = self.notices.join(self.operator_id)
        try:
            await (self._begin_now() if after is None else self._begin_after(after))
            while True:
                page = await _patiently(self._page)
                for one in page:
                    one.seen = await self._ticket_in_sight(one.ticket_id)
                    if one.seen is not None:
                        yield one
                    self._settle(one)
                if not page:
                    listener.heard = Heard(self._floor, len(self._told))
                    await listener.woken()
        finally:
            self.notices.leave(listener)

    async def _begin_now(self) -> None:
        """Whatever is there is known."""
        settled = await clock() - SETTLED
        to = Statement()
        sql = f"""
            SELECT MAX(id) AS id FROM notification
            WHERE operator_id = {to.add(self.operator_id)} AND created_at <= {to.add(settled)}"""
        self._floor = (await query(sql, to))[0]["id"] or 0
        recent = Notification.filter(operator_id=self.operator_id, id__gt=self._floor)
        self._told = {one.id: one.created_at for one in await recent}

    async def _begin_after(self, id: int) -> None:
        """What came past this id is yet to be told."""
        to = Statement()
        sql = f"""
            SELECT id FROM notification WHERE operator_id = {to.add(self.operator_id)}
            ORDER BY id DESC LIMIT 1 OFFSET {to.add(MISSED_MOST)}"""
        older = await query(sql, to)
        self._floor = max(id, older[0]["id"] if older else 0)

    async def _page(self) -> list[Notification]:
        to = Statement()
        sql = f"""
            SELECT * FROM notification WHERE operator_id = {to.add(self.operator_id)}
            AND id > {to.add(self._floor)} AND NOT ({to.among("id", self._told)})
            ORDER BY id LIMIT {to.add(PAGE)}"""
        return await instances(Notification, sql, to)

    def _settle(self, one: Notification) -> None:
        """It is known from now on; what is so old that nothing comes below it need not be kept."""
        self._told[one.id] = one.created_at
        settled = max(self._told.values()) - SETTLED
        self._floor = max(
            (id for id, at in self._told.items() if at < settled), default=self._floor
        )
        self._told = {id: at for id, at in self._told.items() if id > self._floor}

    async def _ticket_in_sight(self, ticket_id: int) -> Ticket | None:
        """The row, if the operator sees it by the rights read with it."""

        async def load() -> Ticket | None:
            ticket, version = await rows.ticket_and_version(ticket_id)
            if ticket is None or not (await _sight(self, version)).sees(ticket):
                return None
            return ticket

        return await _patiently(load)


@dataclass(frozen=True)
class Counters(Frame):
    """How many notifications wait for the operator."""

    unread: int


@dataclass
class CountersFeed:
    """One subscription of one operator to how many they have not read."""

    notices: Notices
    operator_id: int
    scopes: frozenset[Right] | None = None

    async def frames(self) -> AsyncGenerator[Counters]:
        """The current state, and every other one."""
        listener = self.notices.join(self.operator_id, counts=True)
        told: Counters | None = None
        try:
            while True:
                found = await _patiently(self._count)
                listener.unread, listener.tickets = found.unread, found.tickets
                if found.counters != told:
                    told = found.counters
                    yield told
                await listener.woken()
        finally:
            self.notices.leave(listener)

    async def _count(self) -> "_Counted":
        """By the rights of the very statement that counts."""
        sight = await _sight(self)
        while True:
            to = Statement()
            sql = f"""
                SELECT t.id, t.revision, COUNT(*) AS total, SUM(n.id) AS ids,
                    MAX(d.rights_version) AS rights_version,
                    CASE WHEN {sight.condition().sql(to)} THEN 1 ELSE 0 END AS seen
                FROM notification n JOIN ticket t ON t.id = n.ticket_id CROSS JOIN desk d
                WHERE n.operator_id = {to.add(self.operator_id)} AND n.read_at IS NULL
                GROUP BY t.id"""
            found = await query(sql, to)
            if not found or found[0]["rights_version"] == sight.version:
                return _Counted.of(found)
            sight = await _sight(self, found[0]["rights_version"])


@dataclass(frozen=True)
class _Counted:
    counters: Counters
    unread: Unread
    tickets: frozenset[int]

    @classmethod
    def of(cls, found: list[dict[str, int]]) -> "_Counted":
        """Out of a row for each ticket."""
        return cls(
            Counters(sum(row["total"] for row in found if row["seen"])),
            Unread(
                sum(row["total"] for row in found),
                sum(int(row["ids"]) for row in found),
                sum(row["revision"] * row["total"] for row in found),
                max((row["rights_version"] for row in found), default=0),
            ),
            frozenset(row["id"] for row in found),
        )


async def _sight(feed: NotificationFeed | CountersFeed, version: int | None = None) -> Sight:
    return (await sight_of(feed.operator_id, version)).scoped(feed.scopes)


async def _patiently(load: Callable[[], Awaitable[T]]) -> T:
    """What is loaded, however often it takes: a feed does not end because the database is away."""
    while True:
        try:
            return await load()
        except Exception:
            log.exception("notifications could not be loaded")
            await asyncio.sleep(RETRY_S)
