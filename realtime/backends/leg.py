"""One way of a connection: up or down, and when to try again."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from redis.backoff import EqualJitterBackoff

FIRST_S, LAST_S = 0.1, 2.0
"""The bounds of the wait between attempts, jitter included: half to all of 0.2, 0.4 … 2 s."""
DOUBLINGS = 5
"""Beyond them the wait grows no more; redis-py's power of two overflows after 1,000 failures."""


class Leg:
    """`with leg:` around what may fail notes the failure and swallows it.

    `turned` is called after every failure, with it, and whenever the leg comes up, with None.
    """

    def __init__(self, turned: Callable[[Exception | None], None]) -> None:
        self.up = False
        self._failures = 0
        self._turned = turned
        self._backoff = EqualJitterBackoff(cap=LAST_S, base=FIRST_S)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        cause: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        # Whatever it is: redis-py has raised AttributeError and worse on a torn connection, and
        # the loops that run on this leg must outlive it. A cancellation is none of ours.
        if not isinstance(cause, Exception):
            return False
        self.up = False
        self._failures = min(self._failures + 1, DOUBLINGS)
        self._turned(cause)
        return True

    def works(self) -> None:
        """Note a success."""
        self._failures = 0
        if not self.up:
            self.up = True
            self._turned(None)

    async def pause(self) -> None:
        """Wait before the next attempt: the longer the more have failed, and never in step."""
        await asyncio.sleep(self._backoff.compute(self._failures))
