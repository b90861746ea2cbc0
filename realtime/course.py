"""What a feed has told so far, and what it therefore says of a change."""

from typing import Protocol

from realtime.cursors import Position
from realtime.feed_events import Frame
from realtime.log import Change


class Course(Protocol):
    """Feeds whose courses are equal say the same of every change from there on."""

    at: Position
    """How far of the log is told."""

    def frames(self, change: Change, *, lagged: bool = False) -> list[Frame]:
        """What to say of a change that begins where this stands; moves the course on.

        `lagged`: what had to be forgotten may have been of any kind, so the ticket is told anew.
        """
        ...
