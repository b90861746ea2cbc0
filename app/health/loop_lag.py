"""How late the event loop is: everything waits for it."""

import asyncio
from collections import deque

EVERY_S = 0.5
REMEMBERED = 20
"""Of ten seconds: an orchestrator that asks every ten sees every stall."""


class LoopLag:
    """Sleeps again and again, and looks how much later than asked for it wakes up."""

    def __init__(self) -> None:
        self._late_s: deque[float] = deque([0.0], REMEMBERED)
        self._task: asyncio.Task[None] | None = None

    @property
    def latest_s(self) -> float:
        """At the last look."""
        return self._late_s[-1]

    @property
    def worst_s(self) -> float:
        """Within the last ten seconds."""
        return max(self._late_s)

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="loop lag")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due = now() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._late_s.append(max(0.0, now() - due))
