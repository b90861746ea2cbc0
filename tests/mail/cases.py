"""What the cases of mails share: a mailbox of two departments, and what was sent."""

from datetime import UTC, datetime

import pytest

from actions.mail_tokens import mint_message_id
from models.desk import Department
from models.enums import Turn
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import OutboundMail
from models.people import Contact
from models.tickets import Ticket
from tests.mail import boxes

BOX = "immigrazione@demo.test"
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 40


@pytest.fixture
async def box(database: None) -> Mailbox:
    """Immigrazione's and Fiscale's."""
    made = await boxes.mailbox(BOX, department="Immigrazione", plus_addressing=True)
    await Department.filter(name="Fiscale").update(
        email="fiscale@demo.test", aliases=["tasse@demo.test"],
        incoming_mailbox_id=made.id, outgoing_mailbox_id=made.id,
    )  # fmt: skip
    return await Mailbox.get(id=made.id)


async def sent(*kinds: MailKind) -> list[OutboundMail]:
    found = OutboundMail.filter(kind__in=kinds) if kinds else OutboundMail.all()
    return await found.order_by("id")


async def our_mail(ticket: Ticket, box: Mailbox) -> OutboundMail:
    """A notification of ours that was sent about the ticket."""
    contact = await Contact.get(id=ticket.contact_id)
    return await OutboundMail.create(
        mailbox_id=box.id, kind=MailKind.CLOSED, language="en", recipient=contact.email,
        contact_id=contact.id, ticket_id=ticket.id, state=OutboundState.SENT,
        message_id=mint_message_id(ticket.id, "demo.test"), created_at=datetime.now(UTC),
    )  # fmt: skip


async def department(name: str) -> int:
    return (await Department.get(name=name)).id


async def close(ticket: Ticket) -> None:
    await Ticket.filter(id=ticket.id).update(turn=Turn.CLOSED, closed_at=datetime.now(UTC))
