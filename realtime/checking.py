"""Looking by the clock for what hints did not say: more often while they may be lost."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

HEALTHY_S = 15.0
UNHEALTHY_S = 1.0


class Checking:
    """A check that is made again and again, from start to stop; one that fails is logged."""

    def __init__(
        self, name: str, once: Callable[[], Awaitable[None]], healthy: Callable[[], bool]
    ) -> None:
        """`healthy()`: may hints be relied on? If not, `once` is called every second."""
        self._name = name
        self._once = once
        self._healthy = healthy
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        since_last_s = 0.0
        while True:
            await asyncio.sleep(UNHEALTHY_S)
            since_last_s += UNHEALTHY_S
            if self._healthy() and since_last_s < HEALTHY_S:
                continue
            since_last_s = 0.0
            try:
                await self._once()
            except Exception:
                log.exception("a check failed", check=self._name)
