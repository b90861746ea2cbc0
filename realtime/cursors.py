"""Where a feed stands: opaque to clients, exact to us."""

import base64
import binascii
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Position:
    """How far of a ticket's log is known: its last number, and the row's revision."""

    number: int
    revision: int


@dataclass(frozen=True)
class Cursor:
    """A position in one ticket's log, of one epoch; contacts count visible messages alone."""

    epoch: str
    ticket_id: int
    position: Position

    def encode(self) -> str:
        """As clients get it."""
        place = f"{self.ticket_id}:{self.position.number}:{self.position.revision}"
        return base64.urlsafe_b64encode(f"{self.epoch}:{place}".encode()).decode().rstrip("=")


def decode(text: str) -> Cursor | None:
    """The cursor, or None for what never was one."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        epoch, ticket, number, revision = raw.split(":")
        return Cursor(epoch, int(ticket), Position(int(number), int(revision)))
    except (ValueError, binascii.Error):
        return None
