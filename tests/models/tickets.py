"""Ticket rows for tests, put into the table as they are, past every rule."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from models.enums import TicketSource, Turn
from models.tickets import Ticket

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
_ids = count(1_000_000)
"""Far from what the sequence of the table gives out."""


def ticket(**columns: Any) -> Ticket:
    """A ticket not yet saved: the first contact's, opened at noon, nobody's."""
    return Ticket(
        **{
            "id": next(_ids),
            "subject": "Subject",
            "contact_id": 1,
            "turn": Turn.OPERATOR,
            "source": TicketSource.CLIENT_AREA,
            "created_at": NOON,
            "updated_at": NOON,
            "visible_at": NOON,
            **columns,
        }
    )


async def saved(*tickets: Ticket) -> None:
    """Insert them."""
    await Ticket.bulk_create(tickets)
