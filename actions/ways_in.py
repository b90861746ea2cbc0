"""Ways into the client area without a password: magic links, and links that set one."""

import secrets
from datetime import datetime

from actions import contacts, magic_links, password_resets, passwords, sessions
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
from models.sql import Statement, clock, rows
from models.tickets import Ticket

SESSIONS_MOST = 10
"""Of one link, at a time."""


async def open_link(token: str, address: str) -> tuple[SignedIn, Ticket]:
    """A session that reaches the link's one ticket. Raises LinkExpired, TooManyAttempts.

    A token that we did not sign counts as a try at guessing one, of its address alone.
    """
    link_id = magic_links.read(token)
    if link_id is None:
        await sessions.counted("link", address, address)
        raise LinkExpired
    return await unit_of_work(lambda: _opened(link_id))


async def find_link(token: str) -> MagicLink | None:
    """The link, if it opens something; it is not used by being looked at."""
    link_id = magic_links.read(token)
    link = await MagicLink.get_or_none(id=link_id or 0, revoked_at=None)
    return link if link is not None and link.expires_at > await clock() else None


async def _opened(link_id: int) -> tuple[SignedIn, Ticket]:
    """The use is written before anything is given: who revokes the link waits, or has done so."""
    link = await MagicLink.get_or_none(id=link_id)
    contact = await contacts.hold(link.contact_id) if link is not None else None
    if link is None or contact is None or contact.blocked:
        raise LinkExpired
    now = await clock()
    live = MagicLink.filter(id=link.id, revoked_at=None, expires_at__gt=now)
    if not await live.update(used_at=now):
        raise LinkExpired
    ticket = await magic_links.leads_to(link.ticket_id)
    if ticket is None or ticket.contact_id != contact.id:
        raise LinkExpired
    await _make_room(contact, link, now)
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


async def _make_room(contact: Contact, link: MagicLink, now: datetime) -> None:
    """For a session more: of a link that is opened often, those used longest ago end."""
    in_force = Session.filter(contact_id=contact.id, ended_at=None, expires_at__gt=now)
    of_link = await in_force.filter(magic_link_id=link.id).order_by("-used_at", "-id")
    await sessions.end_these([one.id for one in of_link[SESSIONS_MOST - 1 :]])


async def revoke_links(ticket_id: int, by: OperatorCaller) -> tuple[Ticket, int]:
    """End every link to a ticket, and the sessions they began; the ticket, and how many links.

    Who may change the ticket may do so. Raises NotFound, NotPermitted.
    """

    async def do() -> tuple[Ticket, int]:
        demand = Demand(TicketAction.UPDATE, LockRule.NONE, closed_too=True)
        ticket = await take(by, ticket_id, demand)
        ids = await _links_to(ticket)
        await _revoked(ids)
        await (await Writing.on(ticket, by)).log("ticket.links_revoked", links=len(ids))
        return ticket, len(ids)

    return await unit_of_work(do)


async def _links_to(ticket: Ticket) -> list[int]:
    """Links in force to the ticket, and to those merged into it: they open it too."""
    to = Statement()
    id, theirs = to.add(ticket.id), to.add(ticket.contact_id)
    sql = f"""
        WITH RECURSIVE joined(id) AS (
            SELECT id FROM ticket WHERE id = {id} UNION
            SELECT t.id FROM ticket t JOIN joined j ON t.merged_into_id = j.id
            WHERE t.contact_id = {theirs}
        )
        SELECT l.id FROM magic_link l JOIN joined j ON l.ticket_id = j.id
        WHERE l.revoked_at IS NULL ORDER BY l.id"""
    return [row["id"] for row in await rows(sql, to)]


async def _revoked(ids: list[int]) -> None:
    if ids:
        await MagicLink.filter(id__in=ids).update(revoked_at=await clock())
        await sessions.end_those_of_links(ids)


async def address_changed(contact_id: int) -> None:
    """Within a unit of work that has written their row: what the old mailbox holds opens nothing.

    It may have been somebody else's all along, and a link lives on with every mail. Nor does the
    next mail go where one from there asked for.
    """
    await Ticket.filter(contact_id=contact_id).exclude(reply_to="").update(reply_to="")
    await password_resets.void(contact_id)
    links = await MagicLink.filter(contact_id=contact_id, revoked_at=None)
    await _revoked([one.id for one in links])


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
        await password_resets.void(reset.contact_id)
        await sessions.end_those_of_contact(held.id)
        return await Contact.get(id=held.id)

    return await unit_of_work(do)
