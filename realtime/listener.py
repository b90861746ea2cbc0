"""One feed's place in a topic: what it has not taken yet, in order and bounded."""

import asyncio
from collections import deque
from dataclasses import dataclass

from realtime.log import Change

BUFFER = 256
"""Changes a listener may have waiting; one that has more reads the log itself."""


@dataclass(frozen=True)
class Own:
    """Something only one operator sees of the ticket changed."""

    operator_id: int


@dataclass(frozen=True)
class Lagged:
    """More came than the listener took: read the log from where it stands."""


@dataclass(frozen=True)
class Told:
    """Audiences have been told of everything so far: whoever found none to board tries again."""


Signal = Change | Own | Lagged | Told


class Listener:
    """A bounded buffer, filled from the moment of joining."""

    def __init__(self) -> None:
        self.riding = False
        """Its feed is told by an audience just now, and takes nothing from here."""
        self._waiting: deque[Signal] = deque()
        self._arrived = asyncio.Event()

    @property
    def empty(self) -> bool:
        """Whether everything was taken."""
        return not self._waiting

    def put(self, signal: Signal) -> None:
        """Hand over a signal; never waits. What waits already is not doubled."""
        if self.riding or (not isinstance(signal, Change) and signal in self._waiting):
            return
        if len(self._waiting) >= BUFFER:
            self._waiting.clear()
            signal = Lagged()
        self._waiting.append(signal)
        self._arrived.set()

    def invite(self) -> None:
        """Have a feed that waits for the next change board an audience before it."""
        if self.empty:
            self.put(Told())

    def expire(self) -> None:
        """Rights have changed since what waits was loaded: whoever listens reads anew."""
        if self._waiting:
            self._waiting.clear()
            self._waiting.append(Lagged())

    async def next(self) -> Signal:
        """The next signal, in order."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()
