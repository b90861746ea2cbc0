"""What contacts look up and write: their own, as they may see it."""

from actions import tickets
from actions.tickets import requests
from models import rows
from models.categories import ContactChoices
from models.desk import Department
from models.documents import Document
from models.people import Contact
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.ids import decode

__all__ = ["requests"]


async def ticket(context: Context, id: int) -> Ticket | None:
    """The ticket, if it is theirs to see."""
    return await rows.ticket((await context.contact()).condition, id)


async def node(context: Context, gid: str) -> object | None:
    """Whatever has this id, if it is theirs to see: None for all else, alike."""
    me = await context.contact()
    kind, id = decode(gid)
    if kind == "Ticket":
        return await ticket(context, id)
    if kind == "Contact":
        return me.contact if id == me.id else None
    if kind == "Document":
        document = await rows.part(Document, "document", id, me.condition)
        return document if document and not document.internal else None
    return await _message(context, gid)


async def choices(context: Context) -> ContactChoices:
    """The tree of categories a contact may choose from."""
    await context.contact()
    return await context.loaders.contact_choices()


async def departments(context: Context) -> list[Department]:
    """Departments to choose from instead, where the desk uses no categories."""
    if (await choices(context)).in_use:
        return []
    return await Department.filter(hidden=False).order_by("name", "id")


async def open_ticket(context: Context, request: requests.ContactOpen) -> tickets.Posted:
    by = await context.contact()
    if by.only_ticket is not None:
        raise RequestRefused("FORBIDDEN", "A magic link reaches one ticket: sign in to open one.")
    return await tickets.open_by_contact(request, by=by)


async def post(context: Context, request: requests.Post) -> tickets.Posted:
    return await tickets.post(request, by=await context.contact())


async def rate(context: Context, request: requests.Rate) -> Ticket:
    return await tickets.rate(request, by=await context.contact())


async def is_mine(context: Context, entry: TimelineEntry) -> bool:
    """Whether the contact who asks wrote it."""
    return entry.contact_id == (await context.contact()).id


async def author_name(context: Context, entry: TimelineEntry) -> str:
    """The contact's name, or the desk's name for its operator."""
    if entry.contact_id is not None:
        contact: Contact | None = await context.loaders.contacts.load(entry.contact_id)
        return contact.display_name if contact else ""
    if entry.staff_name or entry.operator_id is None:
        return entry.staff_name or entry.automation
    operator = await context.loaders.operators.load(entry.operator_id)
    return operator.name if operator else ""


async def attachments(context: Context, entry: TimelineEntry) -> list[Document]:
    """Files given with a message, without those withdrawn."""
    return [one for one in await context.loaders.documents.load(entry.id) if not one.internal]


async def _message(context: Context, gid: str) -> TimelineEntry | None:
    """`Message:ticket.number`: made of what is visible."""
    ticket_id, number = message_key(gid)
    if not number or await ticket(context, ticket_id) is None:
        return None
    return await TimelineEntry.get_or_none(ticket_id=ticket_id, visible_number=number)


def message_key(gid: str) -> tuple[int, int]:
    """Ticket and visible number of a message's id; (0, 0) for what is none."""
    kind, packed = decode(gid)
    return divmod(packed, MESSAGES_MOST) if kind == "Message" else (0, 0)


def message_number(entry: TimelineEntry) -> int:
    """What a message's id is made of."""
    return entry.ticket_id * MESSAGES_MOST + (entry.visible_number or 0)


MESSAGES_MOST = 1_000_000
"""Of one ticket."""
