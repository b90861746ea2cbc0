"""Who in this process waits to hear of notifications: woken by hints, and by what a check finds."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from models.sql import Statement, rows
from realtime.checking import Checking


@dataclass(frozen=True)
class Heard:
    """How far a feed of notifications has looked: at so many beyond an id."""

    floor: int
    count: int


@dataclass(frozen=True)
class Unread:
    """What a count of unread notifications was made of, tickets out of sight included."""

    total: int = 0
    ids: int = 0
    revisions: int = 0
    """Sums: of their ids, of their tickets' revisions. Whatever happens moves one of them."""
    rights_version: int = 0


class Listener:
    """One feed's place: woken from the moment of joining; it reads by itself what there is."""

    def __init__(self, operator_id: int, *, counts: bool) -> None:
        """`counts`: it says how many are unread, and so depends on rights and tickets too."""
        self.operator_id = operator_id
        self.counts = counts
        self.heard: Heard | None = None
        self.unread: Unread | None = None
        self.tickets: frozenset[int] = frozenset()
        """Those of what is unread."""
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something may have happened: read."""
        self._news.set()

    async def woken(self) -> None:
        """Return when something may have happened since the last time."""
        await self._news.wait()
        self._news.clear()


class Notices:
    """All feeds of notifications of this process, by operator."""

    def __init__(self, healthy: Callable[[], bool]) -> None:
        """`healthy()`: may hints be relied on? If not, positions are checked more often."""
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._check = Checking("notifications check", self._check_once, healthy)

    def start(self) -> None:
        """Begin to check positions."""
        self._check.start()

    async def stop(self) -> None:
        """Check no more."""
        await self._check.stop()

    def join(self, operator_id: int, *, counts: bool = False) -> Listener:
        """Listen to an operator's notifications."""
        listener = Listener(operator_id, counts=counts)
        self._listeners[operator_id].add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        listeners = self._listeners[listener.operator_id]
        listeners.discard(listener)
        if not listeners:
            del self._listeners[listener.operator_id]

    def hint(self, message: dict[str, int | str]) -> None:
        """What the broker brings: of notifications, of rights, of tickets that may leave sight."""
        operator_id, ticket_id = message.get("notified"), message.get("ticket")
        if isinstance(operator_id, int):
            for listener in self._listeners.get(operator_id, ()):
                listener.wake()
        elif "rights" in message or (isinstance(ticket_id, int) and "operator" not in message):
            for listener in self._every():
                if listener.counts and ("rights" in message or ticket_id in listener.tickets):
                    listener.wake()

    def wake_all(self) -> None:
        """Anything may have happened."""
        for listener in self._every():
            listener.wake()

    def _every(self) -> Iterator[Listener]:
        return (one for listeners in self._listeners.values() for one in listeners)

    async def _check_once(self) -> None:
        """One statement for all operators who listen; those who do not know all of it read anew."""
        heard = {(one.operator_id, one.heard.floor) for one in self._every() if one.heard}
        counting = {one.operator_id for one in self._every() if one.unread is not None}
        if not heard and not counting:
            return
        beyond: dict[tuple[int, int], int] = {}
        unread: dict[int, Unread] = {}
        for row in await _positions(sorted(heard), counting):
            if row["floor"] is None:
                unread[row["operator_id"]] = Unread(
                    row["total"], row["ids"], row["revisions"], row["rights_version"]
                )
            else:
                beyond[row["operator_id"], row["floor"]] = row["total"]
        for one in self._every():
            at = one.heard
            missed = at is not None and beyond.get((one.operator_id, at.floor), 0) > at.count
            now = unread.get(one.operator_id, Unread())
            if missed or (one.operator_id in counting and one.unread not in (None, now)):
                one.wake()


async def _positions(heard: list[tuple[int, int]], counting: set[int]) -> list[dict[str, Any]]:
    """How many notifications there are beyond each floor, and what is unread (floor null)."""
    to = Statement()
    sql = f"""
        SELECT w.operator_id, w.floor, 0 AS ids, 0 AS revisions, 0 AS rights_version,
            (SELECT COUNT(*) FROM notification n
                WHERE n.operator_id = w.operator_id AND n.id > w.floor) AS total
        FROM {to.pairs(heard, "operator_id", "floor")} w
        UNION ALL
        SELECT n.operator_id, NULL, CAST(SUM(n.id) AS BIGINT), CAST(SUM(t.revision) AS BIGINT),
            MAX(d.rights_version), COUNT(*)
        FROM notification n JOIN ticket t ON t.id = n.ticket_id CROSS JOIN desk d
        WHERE {to.among("n.operator_id", counting)} AND n.read_at IS NULL
        GROUP BY n.operator_id"""
    return await rows(sql, to)
