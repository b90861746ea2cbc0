"""Magic links: made for mails to contacts. The token is signed, so that no database holds it."""

from datetime import timedelta

from actions.keys import Purpose, ring
from models.desk import Desk
from models.magic_links import MagicLink
from models.sql import clock
from models.tickets import Ticket

MERGED_MOST = 20
"""Tickets one after the other, each merged into the next."""
_bases: list[str] = ["http://127.0.0.1:8000"]


def use_base(url: str) -> None:
    """Said once by the composition root: our own address, without a slash at its end."""
    _bases[:] = [url.rstrip("/")]


async def issue(contact_id: int, ticket_id: int) -> MagicLink:
    """Within a unit of work: the contact's link to the ticket, lasting as if made now."""
    now = await clock()
    until = now + timedelta(days=(await Desk.get(id=1)).magic_link_days)
    theirs = MagicLink.filter(contact_id=contact_id, ticket_id=ticket_id, revoked_at=None)
    known = await theirs.first()
    if known is not None and await theirs.filter(id=known.id).update(expires_at=until):
        known.expires_at = until
        return known
    return await MagicLink.create(
        contact_id=contact_id, ticket_id=ticket_id, created_at=now, expires_at=until
    )


async def leads_to(ticket_id: int) -> Ticket | None:
    """What a link to the ticket opens: itself, or what it was merged into; None if deleted."""
    for _ in range(MERGED_MOST):
        ticket = await Ticket.get_or_none(id=ticket_id, deleted_at=None)
        if ticket is None or ticket.merged_into_id is None:
            return ticket
        ticket_id = ticket.merged_into_id
    return None


def token(link: MagicLink) -> str:
    """What opens it."""
    return f"{link.id}.{ring().sign(Purpose.MAGIC_LINK, str(link.id))}"


def read(token: str) -> int | None:
    """The id of the link that this token opens; None for what we did not sign."""
    id, _, signature = token.partition(".")
    signed = id.isascii() and id.isdigit() and len(id) < 19
    return int(id) if signed and ring().verify(Purpose.MAGIC_LINK, id, signature) else None


def url(link: MagicLink) -> str:
    """Where a mail sends its reader."""
    return address(f"/m/{token(link)}")


def address(path: str) -> str:
    """A path of ours as others reach it."""
    return _bases[0] + path
