"""The bucket of several processes, and this process's own while the shared one is away."""

import time
from collections.abc import Callable

import structlog
from structlog.typing import FilteringBoundLogger

from app.transport.bucket import Bucket, Dry, Left, MemoryBucket
from realtime.redis_bucket import BucketAway, RedisBucket

log: FilteringBoundLogger = structlog.get_logger()

PAUSE_S = 1.0
"""After a failure the shared one is left alone: not every request shall wait for its silence."""


class SharedBucket:
    """Asks Redis; never refuses or waits because Redis is away.

    While it is, each process counts for itself, so a caller gets at most so many times the points
    as there are processes.
    """

    def __init__(self, shared: RedisBucket, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._own: Bucket = MemoryBucket()
        self._clock = clock
        self._again_at: float | None = None

    @property
    def away(self) -> bool:
        """Whether this process counts for itself."""
        return self._again_at is not None

    async def take(self, key: str, cost: int, capacity: int, rate: float) -> Left | Dry:
        if self._again_at is not None:
            if self._clock() < self._again_at:
                return await self._own.take(key, cost, capacity, rate)
            self._again_at = self._clock() + PAUSE_S  # this request tries, the others go on
        try:
            taken, points = await self._shared.take(key, cost, capacity, rate)
        except BucketAway as error:
            if not self.away:
                log.warning("costs are counted by each process for itself", cause=str(error))
            self._again_at = self._clock() + PAUSE_S
            return await self._own.take(key, cost, capacity, rate)
        if self.away:
            self._again_at = None
            log.info("costs are counted together again")
        return Left(int(points)) if taken else Dry((cost - points) / rate)
