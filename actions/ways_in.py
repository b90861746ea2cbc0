"""Ways into the client area without a password: magic links, and links that set one.

Whoever asks for a link learns nothing: the answer is the same for addresses nobody has.
"""

import secrets
from datetime import timedelta

from actions import contacts, magic_links, mailing, passwords, sessions
from actions.guard import Demand, LockRule, take
from actions.keys import ring
from actions.mailing import About, To
from actions.refusals import InvalidInput, LinkExpired
from actions.sessions import LINK_SESSION, SignedIn, token_hash
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.desk import Department
from models.enums import TicketAction, Turn
from models.magic_links import MagicLink, PasswordReset
from models.mail_enums import MailKind
from models.people import Contact
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket

RESET_LIVES = timedelta(hours=1)
RESET_PATH = "/password/"


async def open_link(token: str, address: str) -> tuple[SignedIn, Ticket]:
    """A session that reaches the link's one ticket. Raises LinkExpired, TooManyAttempts.

    A token that we did not sign counts as a try at guessing one.
    """
    link_id = magic_links.read(token)
    if link_id is None:
        await sessions.counted("link", "", address)
        raise LinkExpired
    return await unit_of_work(lambda: _opened(link_id))


async def find_link(token: str) -> MagicLink | None:
    """The link, if it opens something; it is not used by being looked at."""
    link_id = magic_links.read(token)
    link = await MagicLink.get_or_none(id=link_id or 0, revoked_at=None)
    return link if link is not None and link.expires_at > await clock() else None


async def _opened(link_id: int) -> tuple[SignedIn, Ticket]:
    now = await clock()
    link = await MagicLink.get_or_none(id=link_id, revoked_at=None, expires_at__gt=now)
    contact = await contacts.hold(link.contact_id) if link is not None else None
    if link is None or contact is None or contact.blocked:
        raise LinkExpired
    ticket = await Ticket.get_or_none(id=link.ticket_id, contact_id=contact.id, deleted_at=None)
    if ticket is None:
        raise LinkExpired
    link.used_at = now
    await link.save(update_fields=["used_at"])
    token = secrets.token_urlsafe(32)
    session = await Session.create(
        token_hash=token_hash(token),
        contact_id=contact.id,
        magic_link_id=link.id,
        created_at=now,
        used_at=now,
        expires_at=min(now + LINK_SESSION, link.expires_at),
    )
    return SignedIn(contact, session, token), ticket


async def request_link(email: str, number: int | None, address: str) -> None:
    """Send a new link to a ticket of the contact's, the latest open one unless a number is given.

    Raises TooManyAttempts.
    """
    await sessions.counted("link", email, address)

    async def do() -> None:
        contact = await _contact(email)
        ticket = await _wanted(contact, number) if contact is not None else None
        if contact is not None and ticket is not None:
            await mailing.queue(MailKind.MAGIC_LINK, _to(contact), About(ticket))

    await unit_of_work(do)


async def _wanted(contact: Contact, number: int | None) -> Ticket | None:
    theirs = Ticket.filter(contact_id=contact.id, deleted_at=None)
    if number is not None:
        return await theirs.get_or_none(id=number) if 0 < number < 2**63 else None
    opened = await theirs.exclude(turn=Turn.CLOSED).order_by("-visible_at").first()
    return opened or await theirs.order_by("-visible_at").first()


async def revoke_links(ticket_id: int, by: OperatorCaller) -> tuple[Ticket, int]:
    """End every link to a ticket, and the sessions they began; the ticket, and how many links.

    Who may change the ticket may do so. Raises NotFound, NotPermitted.
    """

    async def do() -> tuple[Ticket, int]:
        demand = Demand(TicketAction.UPDATE, LockRule.NONE, closed_too=True)
        ticket = await take(by, ticket_id, demand)
        links = await MagicLink.filter(ticket_id=ticket.id, revoked_at=None)
        ids = [one.id for one in links]
        if ids:
            await MagicLink.filter(id__in=ids).update(revoked_at=await clock())
        await sessions.end_those_of_links(ids)
        await (await Writing.on(ticket, by)).log("ticket.links_revoked", links=len(ids))
        return ticket, len(ids)

    return await unit_of_work(do)


async def request_reset(email: str, address: str) -> None:
    """Send a link that sets a password, to a contact of this address. Raises TooManyAttempts."""
    await sessions.counted("reset", email, address)

    async def do() -> None:
        contact = await _contact(email)
        if contact is None:
            return
        token, now = secrets.token_urlsafe(32), await clock()
        await PasswordReset.create(
            contact_id=contact.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + RESET_LIVES,
        )
        about = About(
            department_id=await _department(contact),
            input={"secret_url": ring().encrypt(magic_links.address(f"{RESET_PATH}{token}"))},
        )
        await mailing.queue(MailKind.PASSWORD_RESET, _to(contact), about)

    await unit_of_work(do)


async def set_password(token: str, password: str) -> Contact:
    """Give the contact of a link this password; all their sessions end, and the link with them.

    Raises LinkExpired, InvalidInput for a password that is too weak: then the link still works.
    """
    reset = await PasswordReset.get_or_none(token_hash=token_hash(token), used_at=None)
    contact = await Contact.get_or_none(id=reset.contact_id, blocked=False) if reset else None
    if reset is None or contact is None or reset.expires_at <= await clock():
        raise LinkExpired
    passwords.check(password, contact.email or "")
    hashed = await passwords.hashed(password)

    async def do() -> Contact:
        now = await clock()
        held = await contacts.hold(reset.contact_id)
        used = await PasswordReset.filter(id=reset.id, used_at=None, expires_at__gt=now).update(
            used_at=now
        )
        if held is None or held.blocked or not used:
            raise LinkExpired
        await Contact.filter(id=held.id).update(password_hash=hashed)
        await PasswordReset.filter(contact_id=reset.contact_id, used_at=None).update(used_at=now)
        await sessions.end_those_of_contact(held.id)
        return await Contact.get(id=held.id)

    return await unit_of_work(do)


async def _contact(email: str) -> Contact | None:
    """Whose address this is, unless they are blocked."""
    try:
        wanted = contacts.address(email, "email")
    except InvalidInput:
        return None
    found = await Contact.get_or_none(email=wanted)
    held = await contacts.hold(found.id) if found is not None else None
    return None if held is None or held.blocked or not held.email else held


def _to(contact: Contact) -> To:
    """At their own address, never where a mail of theirs asked to be answered."""
    return To(contact.email or "", contact.name, contact.language, contact_id=contact.id)


async def _department(contact: Contact) -> int | None:
    """Whose mailbox writes to them: that of their latest ticket, else the first that can."""
    latest = await Ticket.filter(contact_id=contact.id).order_by("-visible_at").first()
    writing = Department.filter(outgoing_mailbox_id__not_isnull=True)
    theirs = await writing.get_or_none(id=latest.department_id or 0) if latest else None
    found = theirs or await writing.order_by("id").first()
    return found.id if found is not None else None
