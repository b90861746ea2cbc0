"""Many viewers of one server: opened, counted, timed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.support import frames
from bench.support.processes import BenchError
from bench.support.viewer import Part, Viewer, connected

BUFFER = 256 * 1024
AT_ONCE = 100
"""Connections that are opened side by side."""
OPEN_S = 60


@dataclass
class Crowd:
    """Sockets of one process; `counted_from` is the size that makes a frame a delivery."""

    port: int
    counted_from: int
    buffer: bytearray = field(default_factory=lambda: bytearray(BUFFER))
    watching: list[Viewer] = field(default_factory=list[Viewer])
    stalled: list[Viewer] = field(default_factory=list[Viewer])
    closed: list[int | None] = field(default_factory=list[int | None])
    """Codes of viewers that read and were closed all the same."""
    arrivals: list[tuple[int, float]] | None = None
    """Which delivery of a viewer, when by the wall clock; None when nobody asks."""
    _missing: int = 0
    _target: dict[Viewer, int] = field(default_factory=dict[Viewer, int])
    _last: float = 0.0
    _done: asyncio.Event = field(default_factory=asyncio.Event)

    # --- what viewers tell

    def counted(self, viewer: Viewer) -> None:
        """A delivery; the last one that was expected ends the round."""
        if self.arrivals is not None:
            self.arrivals.append((viewer.deliveries, time.time()))
        self._missing -= 1
        if not self._missing:
            self._finish()

    def lost(self, viewer: Viewer) -> None:
        """Nothing more is expected of it."""
        if viewer not in self.stalled:
            self.closed.append(viewer.code)
            if viewer in self._target:
                self._missing -= self._target.pop(viewer) - viewer.deliveries
                if self._missing <= 0:
                    self._finish()

    def _finish(self) -> None:
        self._last = time.perf_counter()
        self._done.set()

    # --- opening and closing

    async def open(
        self,
        parts: Sequence[Part],
        *,
        at_once: int = AT_ONCE,
        live: bool = False,
        stalled: bool = False,
        path: str = "/graphql",
    ) -> None:
        """One acknowledged viewer for each part; with `live` they have their first frame, too."""
        opened: list[Viewer] = []
        request = frames.handshake(self.port, path)
        for begin in range(0, len(parts), at_once):
            batch = [
                connected(partial(Viewer, self, request, part), self.port, stalled=stalled)
                for part in parts[begin : begin + at_once]
            ]
            opened += await asyncio.gather(*batch)
            await together([one.live if live else one.acknowledged for one in opened[begin:]])
        (self.stalled if stalled else self.watching).extend(opened)

    def close(self) -> None:
        """Hang up, all of them."""
        for viewer in (*self.watching, *self.stalled):
            viewer.end()
        self.watching, self.stalled = [], []

    # --- rounds

    def expect(self, deliveries: int) -> None:
        """From now on every viewer that reads is to get so many."""
        if self.closed:
            raise BenchError(f"viewers that read were closed: {self.closed[:5]}")
        self._target = {one: one.deliveries + deliveries for one in self.watching}
        self._missing = deliveries * len(self.watching)
        self._done.clear()

    async def all_arrived(self, patience_s: float) -> float:
        """When the last one came (`perf_counter`); raises BenchError if it does not."""
        try:
            async with asyncio.timeout(patience_s):
                await self._done.wait()
        except TimeoutError:
            raise BenchError(
                f"{self._missing} deliveries have not come after {patience_s:.0f} s"
            ) from None
        wrong = [one for one, count in self._target.items() if one.deliveries != count]
        if wrong:
            raise BenchError(f"{len(wrong)} viewers got too many or too few")
        return self._last

    def kept(self, typename: str) -> list[list[dict[str, Any]]]:
        """Frames of a kind of those viewers who keep what they get."""
        return [
            [frame for frame in one.kept if frame.get("__typename") == typename]
            for one in self.watching
            if one.kept
        ]


async def together(waited: Sequence[asyncio.Future[None]]) -> None:
    """Wait until all have come so far; raises BenchError for the first that has not."""
    try:
        async with asyncio.timeout(OPEN_S):
            await asyncio.gather(*waited)
    except (TimeoutError, ConnectionError) as error:
        raise BenchError(f"a viewer did not come to watch: {error or 'no answer'}") from error
