"""A subscriber's way out: what renders frames for it, and what takes them.

The live layer knows no GraphQL: it is handed channels, and decides who shares what.
"""

from collections.abc import Hashable
from typing import Protocol

from realtime.feed_events import Frame


class Unshareable(Exception):
    """What was to be the same for everybody asked who looks."""


class Channel(Protocol):
    """One subscription, from a frame to the bytes in its socket."""

    @property
    def since(self) -> str | None:
        """The last cursor the client had, when it says so beside the document."""
        ...

    @property
    def key(self) -> Hashable:
        """Channels of one key render alike what they share: document, operation, variables."""
        ...

    def shares(self, frame: Frame) -> bool:
        """Whether nothing that is asked for of the frame depends on who looks."""
        ...

    async def render_shared(self, frame: Frame) -> bytes:
        """The frame as everybody gets it, with no viewer at all. Raises Unshareable."""
        ...

    async def render(self, frame: Frame) -> bytes | None:
        """The frame as this viewer gets it; None when it hung up because that cannot be had."""
        ...

    def deliver(self, payload: bytes, frame: Frame) -> None:
        """Send what was rendered of a frame, never waiting; an unsent one of its slot goes."""
        ...

    def expire(self) -> None:
        """The session is over: end the connection, so that its client may come with another."""
        ...
