"""Ways into the client area without a password: magic links, and links that set one."""

import secrets

from actions import contacts, magic_links, passwords, sessions
from actions.guard import Demand, LockRule, take
from actions.refusals import LinkExpired
from actions.sessions import LINK_SESSION, SignedIn, token_hash
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.enums import TicketAction
from models.magic_links import MagicLink, PasswordReset
from models.people import Contact
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket


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
