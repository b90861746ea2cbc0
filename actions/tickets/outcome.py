"""What an action gives back, and how a repeated request gets it again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from actions.refusals import NotFound
from models import rows
from models.callers import Caller
from models.tickets import Ticket
from models.timeline import TimelineEntry


@dataclass(frozen=True)
class Posted:
    """A ticket after a write, and the entry it made, if the caller is to see one."""

    ticket: Ticket
    entry: TimelineEntry | None = None


@dataclass(frozen=True)
class Moved:
    """A ticket after a change that may have taken it out of the caller's sight."""

    ticket: Ticket
    in_sight: bool


def pack(posted: Posted) -> dict[str, Any]:
    """What the idempotency key keeps."""
    return {
        "ticket": posted.ticket.id,
        "entry": posted.entry.number if posted.entry is not None else None,
    }


def replayed_for(caller: Caller) -> Callable[[dict[str, Any]], Awaitable[Posted]]:
    """Loads a kept result again, among what the caller may see now."""

    async def replay(kept: dict[str, Any]) -> Posted:
        ticket = await rows.ticket(caller.condition, kept["ticket"])
        if ticket is None:
            raise NotFound
        entry = await TimelineEntry.get_or_none(ticket_id=ticket.id, number=kept["entry"] or 0)
        return Posted(ticket, entry)

    return replay
