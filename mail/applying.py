"""A decision carried out: what is written, and what the log says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actions import arriving, mailing
from actions.arriving import Letter
from actions.texts import Body
from actions.uploads import StoredFile
from mail.decisions import (
    Append,
    Bounce,
    Decision,
    DeskWords,
    Duplicate,
    Facts,
    Ignore,
    NewTicket,
    Quarantine,
)
from mail.facts import recipients
from mail.message import Message
from mail.route import changed_subject, department, departments
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail
from models.people import Contact
from models.tickets import Ticket
from models.timeline import TimelineEntry

NOTES = 20
SHOWN = 20_000
"""Characters of a mail that waits for a decision, for whoever decides."""


@dataclass(frozen=True)
class Arrived:
    """A mail with all that is known of it, within the second transaction."""

    row: InboundMail
    mailbox: Mailbox
    message: Message
    facts: Facts
    body: Body
    files: Sequence[StoredFile] = ()
    notes: Sequence[str] = ()

    def letter(self, *, automatic: bool = False) -> Letter:
        """As it is written into a ticket."""
        message = self.message
        reply_to = message.reply_to
        return Letter(
            mail=self.row,
            subject=message.subject,
            body=self.body if self.body.html else Body(f"<p>{UNREADABLE}</p>", UNREADABLE),
            files=self.files,
            verified=self.facts.verdict == "pass" and not self.facts.from_operator,
            automatic=automatic,
            reply_to=reply_to.address if reply_to is not None else "",
        )


UNREADABLE = "(no readable text)"


@dataclass(frozen=True)
class Done:
    """What became of it, for its row."""

    state: InboundState
    reason: str = ""
    department_id: int | None = None
    contact_id: int | None = None
    ticket_id: int | None = None
    entry_number: int | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])


async def apply(arrived: Arrived, decision: Decision) -> Done:
    """Within a unit of work: do what was decided."""
    match decision:
        case NewTicket():
            return await new_ticket(arrived, decision)
        case Append():
            return await append(arrived, decision)
        case DeskWords():
            return await _desk_words(arrived, decision)
        case Bounce():
            return await _bounce(arrived, decision)
        case Quarantine():
            return _quarantine(arrived, decision)
        case Duplicate():
            return _done(arrived, InboundState.DUPLICATE, "the same mail is in the log already")
        case Ignore():
            return _done(arrived, InboundState.IGNORED, decision.reason)


async def new_ticket(arrived: Arrived, decision: NewTicket) -> Done:
    """A ticket begins."""
    contact = await _sender(arrived, decision.department_id)
    if contact.blocked:
        return _done(arrived, InboundState.IGNORED, "the contact is blocked")
    origin = (
        await Ticket.get_or_none(id=decision.follow_up_of.id)
        if decision.follow_up_of is not None
        else None
    )
    letter = arrived.letter(automatic=decision.machine)
    entry = await arriving.open_ticket(letter, contact, decision.department_id, origin)
    if _answered(arrived, decision):
        await _acknowledge(entry, contact)
    return _done(
        arrived,
        _state(machine=decision.machine, throttled=decision.throttled),
        decision.reason,
        department_id=decision.department_id,
        contact_id=contact.id,
        ticket_id=entry.ticket_id,
        entry_number=entry.number,
    )


def _answered(arrived: Arrived, decision: NewTicket) -> bool:
    """Whether the sender is told its number: who says where they are, and is no machine."""
    row = arrived.row
    silent = decision.machine or decision.listed or row.silent or row.archived
    return not silent and arrived.message.sender.address is not None


async def _acknowledge(entry: TimelineEntry, contact: Contact) -> None:
    ticket = await Ticket.get(id=entry.ticket_id)
    to = mailing.To.contact(contact, ticket)
    if to is not None:
        await mailing.acknowledge(ticket, entry, to)


async def append(arrived: Arrived, decision: Append) -> Done:
    """A message is added; to a ticket closed meanwhile, it is a follow-up."""
    contact = await _speaker(arrived, decision)
    if contact.blocked:
        return _done(arrived, InboundState.IGNORED, "the contact is blocked")
    if await _came_by_another(arrived, decision):
        return _done(arrived, InboundState.DUPLICATE, "the same answer came by another mailbox")
    letter = arrived.letter(automatic=decision.machine)
    entry = await arriving.add_message(letter, contact, decision.ticket.id)
    if entry is None and decision.reviewed:
        gone = f"{decision.reason}; that ticket is closed"
        return _quarantine(arrived, Quarantine(gone, decision.ticket.department_id))
    if entry is None:
        department_id = decision.ticket.department_id or department(arrived.message, arrived.facts)
        reason = f"{decision.reason}; that ticket is closed"
        return await new_ticket(
            arrived, NewTicket(department_id, reason, decision.ticket, machine=decision.machine)
        )
    details: dict[str, Any] = {}
    if changed_subject(arrived.message, decision.ticket):
        details["changedSubject"] = arrived.message.subject
    return _done(
        arrived,
        _state(machine=decision.machine, throttled=decision.throttled),
        decision.reason,
        department_id=decision.ticket.department_id,
        contact_id=contact.id,
        ticket_id=entry.ticket_id,
        entry_number=entry.number,
        **details,
    )


async def _speaker(arrived: Arrived, decision: Append) -> Contact:
    """The sender; of too many that say no address, whoever the first of them is."""
    if decision.throttled and arrived.message.sender.address is None:
        return await Contact.get(id=decision.ticket.contact_id)
    return await _sender(arrived, decision.ticket.department_id)


async def _came_by_another(arrived: Arrived, decision: Append) -> bool:
    """Whether these words are in the ticket, by a copy that went to another mailbox.

    Copies differ in what servers noted, so that it is the id and the words that are compared.
    """
    row = arrived.row
    if not row.message_id:
        return False
    copies = InboundMail.filter(message_id=row.message_id, ticket_id=decision.ticket.id)
    numbers = [
        one.entry_number
        for one in await copies.exclude(mailbox_id=row.mailbox_id)
        if one.sender == row.sender and one.entry_number
    ]
    same = TimelineEntry.filter(ticket_id=decision.ticket.id, number__in=numbers)
    return any(one.body_text == arrived.body.text for one in await same) if numbers else False


async def _desk_words(arrived: Arrived, decision: DeskWords) -> Done:
    name = arrived.message.sender.name or arrived.mailbox.name
    entry = await arriving.add_desk_words(arrived.letter(), decision.ticket.id, name)
    if entry is None:
        return _done(arrived, InboundState.IGNORED, "the conversation is closed")
    return _done(
        arrived,
        InboundState.IMPORTED,
        "the desk's own words",
        department_id=decision.ticket.department_id,
        ticket_id=entry.ticket_id,
        entry_number=entry.number,
    )


async def _bounce(arrived: Arrived, decision: Bounce) -> Done:
    told = await mailing.bounced(
        decision.message_id, permanent=decision.permanent, diagnostic=decision.diagnostic
    )
    if told is None:
        reason = "nothing follows for a mail of ours"
        return _done(arrived, InboundState.BOUNCE, reason, delivery=decision.diagnostic)
    mail, number = told.mail, None
    if mail.ticket_id is not None and told.new:
        number = await arriving.note_bounce(
            mail.ticket_id, mail.recipient, decision.diagnostic, permanent=decision.permanent
        )
    said = "came back" if decision.permanent else "is late"
    return _done(
        arrived,
        InboundState.BOUNCE,
        f"a mail to {mail.recipient} {said}: {decision.diagnostic}",
        department_id=mail.department_id,
        contact_id=mail.contact_id,
        ticket_id=mail.ticket_id,
        entry_number=number,
    )


def _quarantine(arrived: Arrived, decision: Quarantine) -> Done:
    return _done(
        arrived,
        InboundState.QUARANTINED,
        decision.reason,
        department_id=decision.department_id,
        contact_id=arrived.facts.contact_id,
        ticket_id=decision.ticket.id if decision.ticket is not None else None,
        text=arrived.message.text[:SHOWN],
    )


async def _sender(arrived: Arrived, department_id: int | None) -> Contact:
    sender = arrived.message.sender
    return await arriving.sender(sender.address, sender.name or sender.shown, department_id)


def _state(*, machine: bool, throttled: bool) -> InboundState:
    if throttled:
        return InboundState.THROTTLED
    return InboundState.AUTOMATIC if machine else InboundState.IMPORTED


def _done(arrived: Arrived, state: InboundState, reason: str, **known: Any) -> Done:
    columns = ("department_id", "contact_id", "ticket_id", "entry_number")
    given = {name: known.pop(name) for name in columns if name in known}
    return Done(state, reason, details={**_details(arrived), **known}, **given)


def _details(arrived: Arrived) -> dict[str, Any]:
    """What a reader may want to know beside the text."""
    message, facts = arrived.message, arrived.facts
    said: dict[str, Any] = {
        "recipients": recipients(message),
        "otherDepartments": departments(message, facts)[1:],
        "replyTo": message.reply_to.address if message.reply_to is not None else None,
        "pretends": message.sender.shown or None,
        "fromOperator": facts.from_operator or None,
        "authentication": facts.verdict or None,
        "notes": [*message.notes, *arrived.notes, *message.defects][:NOTES],
    }
    return {name: value for name, value in said.items() if value}
