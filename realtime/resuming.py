"""Whether a cursor can be replayed, and what it asks for."""

from dataclasses import dataclass

from models.enums import FeedResetReason
from realtime.cursors import Position, decode
from realtime.log import TOO_FAR


@dataclass(frozen=True)
class Resumption:
    """Where to go on from: a position, or a reason to start anew, or neither (no cursor given)."""

    position: Position | None = None
    reset: FeedResetReason | None = None


def resumption(after: str | None, epoch: str, ticket_id: int, head: Position) -> Resumption:
    """Judge a cursor against the epoch and where the log stands."""
    if after is None:
        return Resumption()
    cursor = decode(after)
    if cursor is None or cursor.ticket_id != ticket_id:
        return Resumption(reset=FeedResetReason.UNKNOWN_CURSOR)
    if cursor.epoch != epoch:
        return Resumption(reset=FeedResetReason.RESTORED)
    at = cursor.position
    if not (0 <= at.number <= head.number and 0 <= at.revision <= head.revision):
        return Resumption(reset=FeedResetReason.UNKNOWN_CURSOR)
    if head.number - at.number > TOO_FAR:
        return Resumption(reset=FeedResetReason.TOO_FAR_BEHIND)
    return Resumption(position=at)
