"""Mails of ours, put into the queue by the transaction they tell of; `mail.outbox` sends them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tortoise.queryset import QuerySet

from actions import magic_links
from actions.mail_delivery import CARRYING, moved
from actions.mail_tokens import bare, mint_message_id
from actions.notifying import Audience, Concern, Written
from models.callers import OperatorCaller
from models.desk import Department, Desk
from models.enums import DeliveryState, EntryKind, SystemEventKind
from models.mail_enums import CONTACT_MAILS, MailDirection, MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import OutboundMail
from models.people import Contact, Operator
from models.sql import Statement, clock, instances
from models.tickets import Ticket
from models.timeline import TimelineEntry

ACKNOWLEDGED_WITHIN = timedelta(minutes=10)
"""One acknowledgement at most to a contact, by a mailbox."""
ACKNOWLEDGED_DAILY = 5
FALLBACK = "en"


@dataclass(frozen=True)
class To:
    """Whom a mail goes to."""

    address: str
    name: str = ""
    language: str = ""
    """Empty for the department's."""
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
    """Of a mail of no ticket, or where another than the ticket's writes."""
    input: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def writing(self) -> int | None:
        """The department that writes."""
        if self.department_id is not None or self.ticket is None:
            return self.department_id
        return self.ticket.department_id


async def queue(kind: MailKind, to: To, about: About) -> OutboundMail | None:
    """Within a unit of work: a mail to be sent; None when its department has no mailbox for it."""
    department = await Department.get_or_none(id=about.writing or 0)
    mailbox_id = department.outgoing_mailbox_id if department is not None else None
    mailbox = await Mailbox.get_or_none(id=mailbox_id or 0)
    if mailbox is None:
        return None
    return await _queue(kind, to, about, mailbox, department)


async def _queue(
    kind: MailKind, to: To, about: About, mailbox: Mailbox, department: Department | None
) -> OutboundMail:
    ticket = about.ticket
    mail = _row(kind, to, about, mailbox, await clock())
    mail.language = to.language or await language_of(department)
    if kind in CONTACT_MAILS and to.contact_id is not None and ticket is not None:
        mail.magic_link_id = (await magic_links.issue(to.contact_id, ticket.id)).id
    await mail.save(force_create=True)
    return mail


async def language_of(department: Department | None) -> str:
    """What is written to people whose language nobody knows: the department's, or the desk's."""
    if department is not None and department.default_language:
        return department.default_language
    return next(iter((await Desk.get(id=1)).languages), FALLBACK)


async def tell(written: Written, audience: Audience) -> None:
    """Queue the mails of a write: to the contact, and to operators who want mail of it.

    The number of statements does not depend on how many operators there are.
    """
    await _tell_contact(written)
    told = audience.told(lambda one: one.muted_email)
    if told:
        await _tell_operators(written, told)


async def _tell_contact(written: Written) -> None:
    """What the desk says, and that it has closed; nothing of notes, events and their own words."""
    kinds = await _contact_kinds(written)
    if not kinds:
        return
    ticket = written.ticket
    contact = await Contact.get_or_none(id=ticket.contact_id)
    to = To.contact(contact, ticket) if contact is not None else None
    if to is None:
        return
    closed = any(one.event is SystemEventKind.CLOSED for one in written.entries)
    for kind, entry in kinds:
        input = {"closed": True} if closed and kind in CARRYING else {}
        mail = await queue(kind, to, About(ticket, entry.number, input=input))
        if mail is None:
            return
        if kind in CARRYING:
            entry.delivery = DeliveryState.QUEUED
            await TimelineEntry.filter(id=entry.id).update(delivery=DeliveryState.QUEUED)


async def _contact_kinds(written: Written) -> list[tuple[MailKind, TimelineEntry]]:
    kinds: list[tuple[MailKind, TimelineEntry]] = []
    for entry in written.entries:
        if entry.kind is EntryKind.OPERATOR_REPLY:
            kinds.append((MailKind.TICKET_OPENED if entry.number == 1 else MailKind.REPLY, entry))
        if entry.event is SystemEventKind.CLOSED:
            if not kinds:
                kinds.append((MailKind.CLOSED, entry))
            if await surveyed(written.ticket):
                kinds.append((MailKind.RATING_REQUEST, entry))
    return kinds


async def surveyed(ticket: Ticket) -> bool:
    """Whether its contact is asked to rate it: the department's and the desk's setting."""
    department = await Department.get_or_none(id=ticket.department_id or 0)
    wanted = department is not None and department.survey
    return wanted and (await Desk.get(id=1)).survey


async def _tell_operators(written: Written, told: dict[Concern, list[Operator]]) -> None:
    mailbox = await mailbox_of_operators(written.ticket.department_id)
    if mailbox is None:
        return
    author = written.author
    by = {"by": author.operator.name} if isinstance(author, OperatorCaller) else {}
    at = written.entries[-1].created_at
    await OutboundMail.bulk_create(
        _row(
            MailKind(concern.kind.value),
            To.operator(one),
            About(written.ticket, concern.entry_number, input=by),
            mailbox,
            at,
        )
        for concern, operators in told.items()
        for one in operators
    )


async def mailbox_of_operators(department_id: int | None) -> Mailbox | None:
    """By which operators are written to: the department's, else the first that can send at all."""
    to = Statement()
    sql = f"""
        SELECT m.* FROM mailbox m
        LEFT JOIN department d ON d.outgoing_mailbox_id = m.id AND d.id = {to.add(department_id)}
        LEFT JOIN mail_server s ON s.mailbox_id = m.id
            AND s.direction = {to.add(MailDirection.OUT.value)}
        WHERE d.id IS NOT NULL OR s.id IS NOT NULL
        ORDER BY CASE WHEN d.id IS NULL THEN 1 ELSE 0 END, m.id LIMIT 1"""
    return next(iter(await instances(Mailbox, sql, to)), None)


def _row(kind: MailKind, to: To, about: About, mailbox: Mailbox, at: datetime) -> OutboundMail:
    ticket = about.ticket
    domain = mailbox.address.rpartition("@")[2]
    return OutboundMail(
        mailbox_id=mailbox.id,
        kind=kind,
        department_id=about.writing,
        language=to.language or FALLBACK,
        recipient=to.address,
        recipient_name=to.name,
        contact_id=to.contact_id,
        operator_id=to.operator_id,
        ticket_id=ticket.id if ticket is not None else None,
        entry_number=about.entry_number,
        input=about.input,
        message_id=mint_message_id(ticket.id if ticket is not None else 0, domain),
        created_at=at,
    )


async def acknowledge(ticket: Ticket, entry: TimelineEntry, to: To) -> OutboundMail | None:
    """Within a unit of work: tell who opened a ticket by mail its number, unless limits forbid.

    One in ten minutes and five a day go to a contact, and to an address, from a mailbox, none from
    one that is told not to, and none to an address of ours: two desks would thank each other for
    ever, and some ask to be answered at another address each time.
    """
    departments = {one.id: one for one in await Department.all()}
    department = departments.get(ticket.department_id or 0)
    mailbox_id = department.outgoing_mailbox_id if department is not None else None
    mailbox = await Mailbox.get_or_none(id=mailbox_id or 0, acknowledge=True)
    if mailbox is None or await _is_ours(to.address, departments.values()):
        return None
    for of in ({"recipient": to.address}, {"contact_id": ticket.contact_id}):  # each by its index
        sent = OutboundMail.filter(kind=MailKind.ACKNOWLEDGEMENT, mailbox_id=mailbox.id, **of)
        if await are_enough(sent):
            return None
    about = About(ticket, entry.number)
    return await _queue(MailKind.ACKNOWLEDGEMENT, to, about, mailbox, department)


async def are_enough(sent: "QuerySet[OutboundMail]") -> bool:
    """Whether no more like these are sent now: one in ten minutes, and five a day."""
    now = await clock()
    if await sent.filter(created_at__gt=now - ACKNOWLEDGED_WITHIN).exists():
        return True
    return await sent.filter(created_at__gt=now - timedelta(days=1)).count() >= ACKNOWLEDGED_DAILY


async def is_ours(address: str) -> bool:
    """Whether an address, as it is or without what stands after a plus, is one of the desk's."""
    return await _is_ours(address, await Department.all())


async def _is_ours(address: str, departments: Iterable[Department]) -> bool:
    forms = {address.lower(), bare(address.lower())}
    if not forms.isdisjoint(_addresses(departments)):
        return True
    return await Mailbox.filter(address__in=list(forms)).exists()


def _addresses(departments: Iterable[Department]) -> set[str]:
    return {address.lower() for one in departments for address in (one.email, *one.aliases)}


@dataclass(frozen=True)
class Returned:
    """A mail of ours that came back, or is late."""

    mail: OutboundMail
    new: bool
    """Nobody has said so before."""


async def bounced(message_id: str, *, permanent: bool, diagnostic: str) -> Returned | None:
    """Within a unit of work: note that a mail of ours came back; None when it is none of ours.

    A contact whose own address does not take mail is marked. The row of the mail's ticket is taken:
    call it before the ticket is held for a writing.
    """
    mail = await OutboundMail.get_or_none(message_id=message_id) if message_id else None
    if mail is None:
        return None
    if permanent and mail.contact_id is not None:  # contacts are held before tickets
        theirs = Contact.filter(id=mail.contact_id, email=mail.recipient)
        await theirs.filter(undeliverable_since=None).update(undeliverable_since=await clock())
    before, state = mail.state, OutboundState.BOUNCED if permanent else mail.state
    late = f"late: {diagnostic}"
    new = before is not state or not (permanent or mail.reason.startswith("late: "))
    await moved(mail, state, reason=(diagnostic if permanent else late)[:1000])
    return Returned(mail, new)
