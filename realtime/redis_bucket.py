"""Buckets of cost that several processes share: one script in Redis, by the clock of Redis."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from realtime.backends.wire import BROKEN

PATIENCE_S = 0.5
"""For one answer: a request waits for it, so what takes longer counts as no answer."""
CONNECTIONS = 8
"""At most; more requests at once wait for one of them, within the same patience."""

# Points come and go as text with three decimals: Redis would cut a Lua number to an integer.
# A bucket that is full says nothing, so the key lives until it would be.
TAKE = """
local cost, capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local points, at = capacity, now
local kept = redis.call('GET', KEYS[1])
if kept then
  local level, since = string.match(kept, '^([%d.]+) (%d+)$')
  if level then
    points, at = tonumber(level), tonumber(since)
  end
end
points = math.min(capacity, points + math.max(0, now - at) / 1000 * rate)
local taken = cost <= points
if taken then
  points = points - cost
end
local full_in = math.max(1, math.ceil((capacity - points) / rate * 1000))
redis.call('SET', KEYS[1], string.format('%.3f %.0f', points, now), 'PX', full_in)
return {taken and 1 or 0, string.format('%.3f', points)}
"""


class BucketAway(Exception):
    """Redis did not answer in time, or not sensibly; nothing is known of the bucket."""


class Script(Protocol):
    """redis-py's, with the types that it leaves open."""

    def __call__(
        self, *, keys: Sequence[str], args: Sequence[float]
    ) -> Awaitable[tuple[int, bytes]]: ...


class Client(Protocol):
    def __call__(self, *, connection_pool: object) -> "Client": ...
    def register_script(self, script: str) -> Script: ...
    async def aclose(self) -> None: ...


class Pools(Protocol):
    def from_url(self, url: str, **options: object) -> "Pool": ...


class Pool(Protocol):
    async def aclose(self) -> None: ...


class RedisBucket:
    """The levels of all callers of one installation."""

    def __init__(self, url: str, prefix: str = "sportello") -> None:
        """Connects when it is first asked. Installations that share a Redis differ in `prefix`."""
        self._prefix = f"{prefix}:bucket:"
        self._pool = cast("Pools", BlockingConnectionPool).from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_S,
            protocol=2,
            retry=Retry(NoBackoff(), 0, supported_errors=()),
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
        )
        client = cast("Client", Redis)(connection_pool=self._pool)
        self._take = client.register_script(TAKE)
        self._asking: set[asyncio.Task[tuple[bool, float]]] = set()

    async def take(self, key: str, cost: int, capacity: int, rate: float) -> tuple[bool, float]:
        """Whether `cost` was taken, and the points there are now. Raises BucketAway.

        Asked in a task of its own: redis-py waits with `asyncio.wait_for`, which before Python 3.12
        swallows a cancellation that comes as it ends. A subscription whose client went in that
        moment would go on for ever.
        """
        task = asyncio.create_task(self._ask(key, cost, capacity, rate))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return await asyncio.shield(task)

    async def _ask(self, key: str, cost: int, capacity: int, rate: float) -> tuple[bool, float]:
        try:
            async with asyncio.timeout(PATIENCE_S):
                taken, points = await self._take(
                    keys=[self._prefix + key], args=[cost, capacity, rate]
                )
                return bool(taken), float(points)
        except (*BROKEN, ValueError) as error:
            raise BucketAway(f"{type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Let go of the connections, once everybody has an answer."""
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._pool.aclose()
