"""Magic links and password resets, for whoever has no session yet."""

from actions import link_requests, ways_in
from actions.sessions import SignedIn
from models.people import Contact
from models.tickets import Ticket
from resolvers.context import Context


async def open_link(context: Context, token: str) -> tuple[SignedIn, Ticket]:
    """Raises LinkExpired, TooManyAttempts."""
    return await ways_in.open_link(token, context.origin.address)


async def request_link(context: Context, email: str, number: int | None) -> None:
    """Raises TooManyAttempts."""
    await link_requests.request_link(email, number, context.origin.address)


async def request_reset(context: Context, email: str) -> None:
    """Raises TooManyAttempts."""
    await link_requests.request_reset(email, context.origin.address)


async def set_password(token: str, password: str) -> Contact:
    """Raises LinkExpired, InvalidInput."""
    return await ways_in.set_password(token, password)


async def revoke_links(context: Context, ticket_id: int) -> tuple[Ticket, int]:
    """Raises NotFound, NotPermitted."""
    return await ways_in.revoke_links(ticket_id, by=await context.operator())
