"""A line to one client that stays open: a bounded outbox, the tasks that fill it, its end.

Everything that ends a line sets the verdict, once: a close code, or nothing when the client went
by itself. `serve` waits for it and takes every task down with it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass
from typing import Any

from app.transport.close_codes import CloseCode
from app.transport.endpoint import Caller
from app.transport.errors import incident
from app.transport.limits import Limits
from app.transport.outbox import Outbox, Overflow
from app.transport.socket import Gone

CANCEL_AGAIN_S = 1.0


@dataclass(frozen=True)
class Verdict:
    """How a line ends, when it is we who end it."""

    code: CloseCode
    reason: str


class Line(ABC):
    """One client; `caller` is known once it has introduced itself."""

    def __init__(self, limits: Limits, caller: Caller | None = None) -> None:
        self.caller = caller
        self.outbox = Outbox(limits.queued_frames, limits.queued_bytes)
        self._limits = limits
        self._tasks: set[asyncio.Task[None]] = set()
        self._verdict: asyncio.Future[Verdict | None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def send(self, frame: bytes) -> None:
        """Hand a frame to the client, as soon as it takes one; raises `Gone`."""

    def write(self, frame: bytes) -> bool:
        """Hand it over at once, if that can be; False when it must be sent in its turn."""
        return False

    @property
    def over(self) -> bool:
        """Whether the end is decided."""
        return self._verdict.done()

    @property
    def waiting(self) -> int:
        """Frames that are not sent yet."""
        return len(self.outbox)

    async def serve(self, *work: Coroutine[Any, Any, None]) -> Verdict | None:
        """Do this work and send what it puts, until the end; no task outlives it."""
        try:
            for one in (*work, self._pump()):
                self.spawn(one)
            return await self._verdict
        finally:
            # More than once: there are libraries that swallow a cancellation now and then.
            while self._tasks:
                for task in self._tasks:
                    task.cancel()
                await asyncio.wait(self._tasks, timeout=CANCEL_AGAIN_S)

    def close(self, code: CloseCode, reason: str | None = None) -> None:
        """End the line soon; the first reason stands."""
        self.end(Verdict(code, reason or code.reason))

    def end(self, verdict: Verdict | None) -> None:
        """The same; None when the client went, or has all it asked for."""
        if not self._verdict.done():
            self._verdict.set_result(verdict)

    def put(self, frame: bytes, slot: Hashable | None = None) -> None:
        """Send a frame in its turn, at once where nothing waits; see `Outbox` for the slot."""
        if self.outbox.idle and self.write(frame):
            return
        try:
            self.outbox.put(frame, slot)
        except Overflow:
            self.close(CloseCode.SLOW)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends with the line, and ends it if it fails."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        """A bug in a task must not look like an end to the client: it shall come back."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Gone):
            self.end(None)
        elif error:
            incident(error)
            self.close(CloseCode.RESTART)

    async def _pump(self) -> None:
        """The only writer of what waits: a client that is slow waits for nobody but itself."""
        while True:
            frame = await self.outbox.take()
            try:
                async with asyncio.timeout(self._limits.stall_timeout):
                    await self.send(frame)
            except TimeoutError:
                self.close(CloseCode.SLOW)
                return
            self.outbox.sent()
