"""Mails of ours, put into the queue by the transaction they tell of; `mail.outbox` sends them."""

from dataclasses import dataclass, field
from typing import Any

from actions import magic_links
from actions.mail_tokens import mint_message_id
from models.desk import Department
from models.mail_enums import CONTACT_MAILS, MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import OutboundMail
from models.people import Contact, Operator
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry


@dataclass(frozen=True)
class To:
    """Whom a mail goes to."""

    address: str
    name: str = ""
    language: str = "en"
    contact_id: int | None = None
    operator_id: int | None = None

    @classmethod
    def contact(cls, contact: Contact, ticket: Ticket | None = None) -> "To | None":
        """A contact, where their mail to the ticket asked to be answered; None without address."""
        address = (ticket.reply_to if ticket is not None else "") or contact.email
        if not address or contact.blocked:
            return None
        return cls(address, contact.name, contact.language, contact_id=contact.id)

    @classmethod
    def operator(cls, operator: Operator) -> "To":
        """An operator, at their own address."""
        return cls(operator.email, operator.name, operator.language, operator_id=operator.id)


@dataclass(frozen=True)
class About:
    """What a mail tells of."""

    ticket: Ticket | None = None
    entry_number: int | None = None
    department_id: int | None = None
    """Of a mail of no ticket."""
    input: dict[str, Any] = field(default_factory=dict[str, Any])


async def queue(kind: MailKind, to: To, about: About) -> OutboundMail | None:
    """Within a unit of work: a mail to be sent; None when its department has no mailbox for it."""
    ticket = about.ticket
    department_id = ticket.department_id if ticket is not None else about.department_id
    department = await Department.get_or_none(id=department_id or 0)
    mailbox = await Mailbox.get_or_none(
        id=(department.outgoing_mailbox_id if department is not None else None) or 0
    )
    if mailbox is None:
        return None
    link_id = None
    if kind in CONTACT_MAILS and to.contact_id is not None and ticket is not None:
        link_id = (await magic_links.issue(to.contact_id, ticket.id)).id
    domain = mailbox.address.rpartition("@")[2]
    return await OutboundMail.create(
        mailbox_id=mailbox.id,
        kind=kind,
        department_id=department_id,
        language=to.language,
        recipient=to.address,
        recipient_name=to.name,
        contact_id=to.contact_id,
        operator_id=to.operator_id,
        ticket_id=ticket.id if ticket is not None else None,
        entry_number=about.entry_number,
        magic_link_id=link_id,
        input=about.input,
        message_id=mint_message_id(ticket.id if ticket is not None else 0, domain),
        created_at=await clock(),
    )


async def acknowledge(ticket: Ticket, entry: TimelineEntry, to: To) -> OutboundMail | None:
    """Within a unit of work: tell who opened a ticket by mail its number, unless limits forbid."""
    return await queue(MailKind.ACKNOWLEDGEMENT, to, About(ticket, entry.number))


async def bounced(message_id: str, *, permanent: bool, diagnostic: str) -> OutboundMail | None:
    """Within a unit of work: note that a mail of ours came back; None when it is none of ours."""
    mail = await OutboundMail.get_or_none(message_id=message_id)
    if mail is None:
        return None
    if permanent:
        mail.state = OutboundState.BOUNCED
    mail.reason = diagnostic[:1000]
    await mail.save(update_fields=["state", "reason"])
    return mail
