"""What mail writes: tickets opened, messages added, bounces noted. It acts as a contact, at most.

No gate and no lock stands in its way; which ticket it may go to is decided before (`mail.route`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from actions import contacts
from actions.guard import hold
from actions.refusals import InvalidInput, NotFound
from actions.texts import SUBJECT_LIMIT, Body, one_line
from actions.tickets.opening import begun, tell_origin
from actions.uploads import StoredFile, register
from actions.writing import Writing
from models.callers import Automation, ContactCaller
from models.documents import Upload
from models.enums import Level, SystemEventKind, TicketSource, Turn
from models.mails import InboundMail
from models.people import Contact
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

NO_SUBJECT = {"en": "(no subject)", "it": "(senza oggetto)", "ru": "(без темы)"}
UNKNOWN_SENDER = "Unknown sender"


@dataclass(frozen=True)
class Letter:
    """A mail, ready to be written into a ticket."""

    mail: InboundMail
    subject: str
    body: Body
    files: Sequence[StoredFile] = field(default_factory=tuple[StoredFile, ...])
    verified: bool = False
    """The sender is proven: by the server we believe, or by a token."""
    automatic: bool = False
    """A machine's: it moves no turn."""
    reply_to: str = ""

    @property
    def silent(self) -> bool:
        """Whether nobody is told."""
        return self.mail.silent or self.automatic


async def sender(address: str | None, name: str, department_id: int | None) -> Contact:
    """Within a unit of work: the contact of an address, held; made, if it is the first mail.

    Without an address that can be used, a contact of this mail alone.
    """
    named = one_line(name)[: contacts.NAME_LIMIT]
    if address is not None:
        try:
            known = await contacts.find_or_create(
                address, named, may_create=True, department_id=department_id
            )
        except InvalidInput:
            known = None
        if known is not None:
            if known.undeliverable_since is not None:
                known.undeliverable_since = None
                await known.save(update_fields=["undeliverable_since"])
            return known
    language, group_id = await contacts.first_met(department_id)
    return await Contact.create(
        name=named or UNKNOWN_SENDER,
        email=None,
        language=language,
        contact_group_id=group_id,
        created_at=await clock(),
    )


async def open_ticket(
    letter: Letter, contact: Contact, department_id: int | None, origin: Ticket | None = None
) -> TimelineEntry:
    """Within a unit of work: a ticket begins with this mail.

    It has no category: who is a member of its department sees it. A follow-up keeps category and
    level of its origin.
    """
    author = ContactCaller(contact, 0, frozenset({contact.id}))
    at = _at(letter, await clock())
    subject = one_line(letter.subject)[:SUBJECT_LIMIT]
    ticket = Ticket(
        subject=subject or NO_SUBJECT.get(contact.language, NO_SUBJECT["en"]),
        contact_id=contact.id,
        department_id=department_id,
        level=origin.level if origin is not None else Level.BASE,
        source=TicketSource.EMAIL,
        turn=Turn.OPERATOR,
        # What goes on is not sent elsewhere at the word of whoever knows its number.
        reply_to=letter.reply_to if origin is None or letter.verified else "",
        created_at=at,
        updated_at=at,
        visible_at=at,
    )
    if origin is not None:
        ticket.follow_up_of_id = origin.id
        ticket.category_id = origin.category_id
        ticket.chosen_category_id = origin.chosen_category_id
    writing = await begun(ticket, author, contact)
    entry = await _message(writing, letter, contact)
    await writing.commit("ticket.open")
    await tell_origin(origin, ticket, author)
    return entry


async def add_message(letter: Letter, contact: Contact, ticket_id: int) -> TimelineEntry | None:
    """Within a unit of work: the mail becomes a message of an open ticket.

    A machine's mail to a closed one becomes an event. None when the ticket is closed or deleted.
    """
    ticket = await held(ticket_id)
    if ticket is None:
        return None
    author = ContactCaller(contact, 0, frozenset({contact.id}))
    writing = await _writing(ticket, author, letter)
    if ticket.closed:
        if not letter.automatic:
            return None
        note = f"{letter.subject}\n{letter.body.text}"[:2000]
        entry = writing.event(SystemEventKind.UPDATED, ("mail", None, "automatic"), note=note)
        await writing.commit("ticket.mail", moves_updated_at=False)
        return entry
    entry = await _message(writing, letter, contact)
    await writing.commit("ticket.message")
    return entry


async def add_desk_words(letter: Letter, ticket_id: int, name: str) -> TimelineEntry | None:
    """Within a unit of work: old mail of the desk itself becomes what the desk said then."""
    ticket = await held(ticket_id)
    if ticket is None or ticket.closed:
        return None
    writing = await _writing(ticket, Automation(name[:100]), letter)
    entry = await writing.reply(letter.body, await _uploads(letter))
    await writing.commit("ticket.reply")
    return entry


async def note_bounce(
    ticket_id: int, recipient: str, diagnostic: str, *, permanent: bool
) -> int | None:
    """Within a unit of work: the timeline says that a mail came back, or is late; its number."""
    ticket = await held(ticket_id)
    if ticket is None:
        return None
    writing = await Writing.on(ticket, Automation("mail"))
    state = "failed" if permanent else "delayed"
    entry = writing.event(
        SystemEventKind.MAIL_BOUNCED, ("mail", recipient or None, state), note=diagnostic or None
    )
    await writing.commit("ticket.bounce", moves_updated_at=False)
    return entry.number


async def held(ticket_id: int) -> Ticket | None:
    """Within a unit of work: the row, held; None when it is deleted. Merged ones lead on."""
    try:
        ticket = await hold(ticket_id)
    except NotFound:
        return None
    return ticket if ticket.merged_into_id is None else await held(ticket.merged_into_id)


async def _writing(ticket: Ticket, author: ContactCaller | Automation, letter: Letter) -> Writing:
    writing = await Writing.on(ticket, author)
    writing.silent = letter.silent
    writing.at = _at(letter, writing.at)
    return writing


def _at(letter: Letter, now: datetime) -> datetime:
    """Old mail is as old as it is; what arrives is from now."""
    return min(letter.mail.received_at, now) if letter.mail.archived else now


async def _message(writing: Writing, letter: Letter, contact: Contact) -> TimelineEntry:
    writing.silent = letter.silent
    writing.at = _at(letter, writing.at)
    return writing.message(
        letter.body,
        TicketSource.EMAIL,
        await _uploads(letter),
        contact_id=contact.id,
        verified=letter.verified,
        automatic=letter.automatic,
    )


async def _uploads(letter: Letter) -> list[Upload]:
    owner = Automation(f"mail {letter.mail.id}")
    return [await register(owner, one) for one in letter.files]
