"""Links asked for by who has none: to a ticket, or to set a password.

Whoever asks learns nothing: the answer is the same for addresses nobody has, and comes as soon,
for all that is done is done after it.
"""

from datetime import timedelta

from actions import contacts, magic_links, mailing, password_resets, sessions
from actions.mailing import About, To
from actions.refusals import InvalidInput
from actions.unit_of_work import afterwards
from models.desk import Department
from models.enums import Turn
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from models.people import Contact
from models.sql import clock
from models.tickets import Ticket

DAY = timedelta(days=1)
WAITED_FOR = {MailKind.MAGIC_LINK: DAY, MailKind.PASSWORD_RESET: password_resets.LIVES}
"""How long one that is still in the queue is as good as a new one."""
ON_THE_WAY = (OutboundState.QUEUED, OutboundState.SENDING)


async def request_link(email: str, number: int | None, address: str) -> None:
    """Send a new link to a ticket of the contact's, the latest open one unless a number is given.

    Raises TooManyAttempts.
    """
    await sessions.counted("link", email, address)

    async def do() -> None:
        contact = await _contact(email)
        ticket = await _wanted(contact, number) if contact is not None else None
        if contact is None or ticket is None or await _enough(MailKind.MAGIC_LINK, contact):
            return
        about = About(ticket, department_id=await _department(ticket))
        await mailing.queue(MailKind.MAGIC_LINK, _to(contact), about)

    afterwards(do)


async def request_reset(email: str, address: str) -> None:
    """Send a link that sets a password, to a contact of this address. Raises TooManyAttempts."""
    await sessions.counted("reset", email, address)

    async def do() -> None:
        contact = await _contact(email)
        if contact is None or await _enough(MailKind.PASSWORD_RESET, contact):
            return
        latest = await Ticket.filter(contact_id=contact.id).order_by("-visible_at").first()
        department_id = await _department(latest)
        about = About(department_id=department_id, input=await password_resets.issue(contact.id))
        await mailing.queue(MailKind.PASSWORD_RESET, _to(contact), about)

    afterwards(do)


async def _contact(email: str) -> Contact | None:
    """Whose address this is, unless they are blocked."""
    try:
        wanted = contacts.address(email, "email")
    except InvalidInput:
        return None
    found = await Contact.get_or_none(email=wanted)
    held = await contacts.hold(found.id) if found is not None else None
    return None if held is None or held.blocked or not held.email else held


async def _wanted(contact: Contact, number: int | None) -> Ticket | None:
    theirs = Ticket.filter(contact_id=contact.id, deleted_at=None)
    if number is not None:
        found = await theirs.get_or_none(id=number) if 0 < number < 2**63 else None
    else:
        latest = theirs.order_by("-visible_at")
        found = await latest.exclude(turn=Turn.CLOSED).first() or await latest.first()
    return await magic_links.leads_to(found.id) if found is not None else None


async def _enough(kind: MailKind, contact: Contact) -> bool:
    """Whether no more of these go to them now: anybody may ask, and a mailbox has but its day.

    One in ten minutes and five a day, as acknowledgements; none while one is on its way.
    """
    await sessions.one_at_a_time((f"{kind.value}:{contact.id}",))
    theirs = OutboundMail.filter(contact_id=contact.id, kind=kind)
    since = await clock() - WAITED_FOR[kind]
    waiting = theirs.filter(state__in=ON_THE_WAY, created_at__gt=since)
    return await waiting.exists() or await mailing.are_enough(theirs)


def _to(contact: Contact) -> To:
    """At their own address, never where a mail of theirs asked to be answered."""
    return To(contact.email or "", contact.name, contact.language, contact_id=contact.id)


async def _department(ticket: Ticket | None) -> int | None:
    """Whose mailbox writes to them: that of their ticket, else the first that can."""
    writing = Department.filter(outgoing_mailbox_id__not_isnull=True)
    theirs = await writing.get_or_none(id=ticket.department_id or 0) if ticket else None
    found = theirs or await writing.order_by("id").first()
    return found.id if found is not None else None
