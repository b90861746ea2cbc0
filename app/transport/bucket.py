"""A leaky bucket of cost per caller; this one lives in the process."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

# 30 MB of buckets at the worst, and room for more addresses than a help desk meets.
MAX_BUCKETS = 100_000


@dataclass(frozen=True)
class Left:
    """The cost was taken; so many points are left."""

    points: int


@dataclass(frozen=True)
class Dry:
    """Nothing was taken; after so many seconds the points will be there."""

    retry_after: float


class Bucket(Protocol):
    """Where the points are kept: here, or in Redis when there are several processes."""

    async def take(self, key: str, cost: int, capacity: int, rate: float) -> Left | Dry:
        """Take `cost` points from the bucket `key`, refilled at `rate` points a second."""
        ...


@dataclass
class _Level:
    points: float
    at: float
    full_at: float


class MemoryBucket:
    """Buckets in memory: a full one says nothing and is forgotten."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_buckets: int = MAX_BUCKETS
    ) -> None:
        self._clock = clock
        self._max_buckets = max_buckets
        self._levels: OrderedDict[str, _Level] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    async def take(self, key: str, cost: int, capacity: int, rate: float) -> Left | Dry:
        now = self._clock()
        level = self._levels.pop(key, None) or _Level(capacity, now, now)
        points = min(capacity, level.points + (now - level.at) * rate)
        taken = cost <= points
        if taken:
            points -= cost
        self._levels[key] = _Level(points, now, now + (capacity - points) / rate)
        self._forget(now)
        return Left(int(points)) if taken else Dry((cost - points) / rate)

    def _forget(self, now: float) -> None:
        """Drop full buckets from the old end, and when there are too many, the oldest."""
        while self._levels:
            oldest = next(iter(self._levels))
            if self._levels[oldest].full_at > now and len(self) <= self._max_buckets:
                return
            del self._levels[oldest]
