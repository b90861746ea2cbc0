"""What contacts say of a ticket once it is closed."""

from actions import contacts
from actions.guard import Demand, LockRule, take
from actions.mailing import surveyed
from actions.refusals import RatingClosed, TicketStillOpen, invalid
from actions.texts import remark
from actions.tickets.requests import Rate
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import ContactCaller
from models.enums import SystemEventKind, TicketAction
from models.tickets import Rating, Ticket

COMMENT_LIMIT = 2000
"""Characters."""
WORDS = {True: "positive", False: "negative"}


async def rate(request: Rate, by: ContactCaller) -> Ticket:
    """Rate it, or change the rating; the same again changes nothing.

    Whose ticket it is alone may, not colleagues who share it. Raises NotFound, InvalidInput,
    TicketStillOpen, RatingClosed.
    """
    comment = remark(request.comment) or ""

    async def check(ticket: Ticket) -> None:
        _check(ticket, by, comment)

    async def do() -> Ticket:
        await contacts.admitted(by)
        demand = Demand(TicketAction.REPLY, LockRule.NONE, closed_too=True)
        ticket = await take(by, request.ticket_id, demand, check)
        if not ticket.closed:
            raise TicketStillOpen
        writing = await Writing.on(ticket, by)
        if ticket.rating is None and not await surveyed(ticket):
            raise RatingClosed
        if ticket.rating is not None and writing.at > ticket.rating.changeable_until:
            raise RatingClosed
        now = Rating(request.positive, comment, ticket.rated_at or writing.at)
        if now != ticket.rating:
            await _write(writing, now)
        return ticket

    return await unit_of_work(do)


def _check(ticket: Ticket, by: ContactCaller, comment: str) -> None:
    if ticket.contact_id != by.id:
        raise invalid("ticketId", "Whose conversation it is can rate it; you share it.")
    if len(comment) > COMMENT_LIMIT:
        length = f"{len(comment):,} characters, at most {COMMENT_LIMIT:,} are allowed"
        raise invalid("comment", f"Shorten it: {length}.")


async def _write(writing: Writing, rating: Rating) -> None:
    ticket = writing.ticket
    before = WORDS[ticket.rating.positive] if ticket.rating is not None else None
    ticket.rated_positive, ticket.rating_comment = rating.positive, rating.comment
    ticket.rated_at = rating.given_at
    writing.event(
        SystemEventKind.RATED,
        ("rating", before, WORDS[rating.positive]),
        note=rating.comment or None,
    )
    await writing.commit("ticket.rate", moves_updated_at=False)
