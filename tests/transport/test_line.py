"""A line ends whatever its tasks do."""

import asyncio
from contextlib import suppress

from app.transport.close_codes import CloseCode
from app.transport.limits import Limits
from app.transport.line import Line, Verdict


class Wire(Line):
    """To nobody."""

    async def send(self, frame: bytes) -> None:
        """Take it."""


async def test_a_task_that_misses_its_cancellation_holds_up_no_end() -> None:
    """`wait_for` of Python 3.11 swallows one that arrives together with its result."""
    line = Wire(Limits())
    waiting = asyncio.Event()

    async def deaf() -> None:
        with suppress(asyncio.CancelledError):
            waiting.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    serving = asyncio.create_task(line.serve(deaf()))
    await waiting.wait()
    line.close(CloseCode.RESTART)
    async with asyncio.timeout(20):
        assert await serving == Verdict(CloseCode.RESTART, CloseCode.RESTART.reason)
