"""What tests do behind the API: entries changed, rights moved, feeds read by hand."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest

from actions.events import TicketWritten
from actions.operators import rights_changed
from actions.unit_of_work import record, unit_of_work
from app.live import Live
from models.enums import DeliveryState
from models.people import Contact, Operator
from models.sessions import Session
from models.tickets import Ticket
from models.timeline import TimelineEntry
from realtime.broker import Broker, Hint
from realtime.contact_feed import ContactFeed
from realtime.feed_events import Frame
from realtime.operator_feed import OperatorFeed
from tests.live.stage import number_of

Frames = AsyncGenerator[Frame]


async def change_entries(ticket_id: str, *numbers: int) -> None:
    """The mail of these replies was sent: as a later issue will write it."""

    async def do() -> None:
        ticket = await Ticket.get(id=number_of(ticket_id))
        ticket.revision += 1
        await ticket.save(update_fields=["revision"])
        await TimelineEntry.filter(ticket_id=ticket.id, number__in=numbers).update(
            delivery=DeliveryState.SENT, changed_revision=ticket.revision
        )
        record(TicketWritten(ticket.id, ticket.seq, ticket.revision))

    await unit_of_work(do)


async def with_rights_changed(change: Callable[[], Awaitable[Any]]) -> None:
    """What an administrator will do."""

    async def do() -> None:
        await change()
        await rights_changed()

    await unit_of_work(do)


async def operator_frames(
    live: Live, name: str, ticket_id: str, after: str | None = None
) -> Frames:
    """A feed that is read by hand, so that it takes its time."""
    id = (await Operator.get(email=f"{name}@demo.test")).id
    session_id = await session(operator_id=id)
    return OperatorFeed(live.hub, live.presence, id, session_id, number_of(ticket_id)).frames(after)


async def contact_frames(live: Live, name: str, ticket_id: str) -> Frames:
    id = (await Contact.get(email=f"{name}@demo.test")).id
    session_id = await session(contact_id=id)
    return ContactFeed(live.hub, id, session_id, number_of(ticket_id)).frames(None)


async def session(**whose: Any) -> int:
    """A session in force; its id."""
    now = datetime.now(UTC)
    made = await Session.create(
        token_hash=token_hex(32),
        created_at=now,
        used_at=now,
        expires_at=now + timedelta(hours=1),
        **whose,
    )
    return made.id


class DeafBroker:
    """A broker that loses the hints it is told to lose."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.loses: Callable[[Hint], bool] = lambda _hint: False
        self.lost: list[Hint] = []
        publish = Broker.publish

        async def lossy(broker: Broker, hint: Hint) -> None:
            if "mark" not in hint and self.loses(hint):
                self.lost.append(hint)
            else:
                await publish(broker, hint)

        monkeypatch.setattr(Broker, "publish", lossy)
