"""Frames on their way to one socket: a bounded queue with slots for states."""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable


class Overflow(Exception):
    """The client reads more slowly than it is written to."""


class Outbox:
    """At most so many frames and bytes; a single frame of any size is let through.

    A frame with a slot replaces, in its place, an unsent frame of the same slot: of a state
    only the newest matters. Frames without one are all sent, in order.
    """

    def __init__(self, max_frames: int, max_bytes: int) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._frames: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: bytes, slot: Hashable | None = None) -> None:
        """Queue a frame, at once; raises `Overflow`."""
        key: Hashable = object() if slot is None else slot
        size = self._bytes - len(self._frames.get(key, b"")) + len(frame)
        count = len(self._frames) + (key not in self._frames)
        if count > 1 and (count > self._max_frames or size > self._max_bytes):
            raise Overflow
        self._frames[key] = frame
        self._bytes = size
        self._filled.set()
        self._note_room()

    async def take(self) -> bytes:
        """The oldest frame, as soon as there is one."""
        await self._filled.wait()
        _, frame = self._frames.popitem(last=False)
        self._bytes -= len(frame)
        if not self._frames:
            self._filled.clear()
        self._note_room()
        return frame

    async def room(self) -> None:
        """Wait until it is half empty: who replays a long log must not flood it."""
        await self._roomy.wait()

    def _note_room(self) -> None:
        full = 2 * len(self._frames) >= self._max_frames or 2 * self._bytes >= self._max_bytes
        if full and self._frames:
            self._roomy.clear()
        else:
            self._roomy.set()
