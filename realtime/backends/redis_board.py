"""The board of several processes: a sorted set for each ticket, scored by expiry."""

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import cast

from realtime.backends.board import LEASE_S, Answer, Members, Notice
from realtime.backends.wire import Scored, client

MICRO = 1_000_000
DRIFT = 1e-4
"""By how much two clocks may run apart: 0.1 ms a second."""
KEPT_MS = int(2 * LEASE_S * 1000)
"""A set nobody writes to any more goes as a whole, some time after its last member has expired."""


class RedisBoard:
    """Times are those of Redis, so that processes whose clocks differ agree on what has expired.

    Every round trip asks for the time; between two of them our own clock carries it on.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._client = client(url)
        self._prefix = prefix
        self._ahead_s: float | None = None
        """How far the clock of Redis is ahead of the loop's."""
        self._unsure_s = self._heard_at = 0.0

    def now(self) -> float:
        if self._ahead_s is None:
            return time.time()
        return asyncio.get_running_loop().time() + self._ahead_s

    async def exchange(self, notices: Sequence[Notice], tickets: Collection[int]) -> Answer:
        if notices and self._ahead_s is None:
            await self.exchange((), ())
        pipeline = self._client.pipeline(transaction=False)
        pipeline.time()
        now = self.now()
        added_at: dict[int, int] = {}
        for notice in notices:
            key = self._key(notice.ticket_id)
            pipeline.zremrangebyscore(key, "-inf", now)
            if notice.up:
                # Before what it replaces is taken down: nobody is absent for a moment.
                added_at[notice.ticket_id] = len(pipeline)
                pipeline.zadd(key, dict.fromkeys(notice.up, now + LEASE_S))
                pipeline.pexpire(key, KEPT_MS)
            if notice.down:
                pipeline.zrem(key, *notice.down)
        found_at = len(pipeline)
        for ticket_id in tickets:
            pipeline.zrange(self._key(ticket_id), 0, -1, withscores=True)
        began = asyncio.get_running_loop().time()
        replies = await pipeline.execute()
        now = self._told_time(cast("tuple[int, int]", replies[0]), began)
        return Answer(
            {ticket_id: cast("int", replies[at]) for ticket_id, at in added_at.items()},
            {
                ticket_id: _left(cast("Scored", reply), now)
                for ticket_id, reply in zip(tickets, replies[found_at:], strict=True)
            },
        )

    async def close(self) -> None:
        await self._client.aclose()

    def _key(self, ticket_id: int) -> str:
        return f"{self._prefix}:viewers:{ticket_id}"

    def _told_time(self, told: tuple[int, int], began: float) -> float:
        """The time of Redis, which it told somewhere between sending and hearing.

        Of what it told before, that stands which was surest, unless the clock has been set since.
        """
        ended = asyncio.get_running_loop().time()
        now = told[0] + told[1] / MICRO
        ahead, unsure = now - (began + ended) / 2, (ended - began) / 2
        aged = self._unsure_s + (ended - self._heard_at) * DRIFT
        known = self._ahead_s
        if known is None or unsure <= aged or abs(ahead - known) > unsure + aged:
            self._ahead_s, self._unsure_s, self._heard_at = ahead, unsure, ended
        return now


def _left(scored: Scored, now: float) -> Members:
    """Bytes that are no text become text that is no member."""
    return {
        member.decode(errors="surrogateescape"): end - now for member, end in scored if end > now
    }
