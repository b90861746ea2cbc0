"""Writes conversations: tickets in order of opening, then all that hangs on them, in bulk."""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TypeVar

from tortoise.models import Model

from actions.texts import words
from app.demo.conversation import Conversation
from models.documents import Document
from models.enums import VISIBLE_KINDS, EntryKind
from models.tickets import TicketWord
from models.timeline import TimelineEntry

ModelT = TypeVar("ModelT", bound=Model)
BATCH = 2000
"""Rows in one round trip."""


async def write(
    conversations: Sequence[Conversation], progress: Callable[[int, int], None]
) -> None:
    """Write them all; `progress` is told how many of the tickets have been."""
    for done, one in enumerate(conversations, 1):
        await _write_ticket(one)
        progress(done, len(conversations))
    for one in conversations:
        _number(one)
    entries = [entry for one in conversations for entry in one.entries]
    await _insert(TimelineEntry, sorted(entries, key=attrgetter("created_at")))
    await _insert(Document, await _documents(conversations))
    await _insert(TicketWord, [word for one in conversations for word in _words(one)])


async def _write_ticket(conversation: Conversation) -> None:
    """One at a time, for the database to give the number; those it names were opened before."""
    ticket, origin, target = (
        conversation.ticket,
        conversation.follow_up_of,
        conversation.merged_into,
    )
    ticket.follow_up_of_id = origin.ticket.id if origin else None
    ticket.merged_into_id = target.ticket.id if target else None
    await ticket.save(force_create=True)


def _number(conversation: Conversation) -> None:
    """What could not be said before the tickets had numbers."""
    for entry in conversation.entries:
        entry.ticket_id = conversation.ticket.id
    for entry, field, other in conversation.links:
        entry.changes = [[field, None, f"#{other.ticket.id} {other.ticket.subject}"]]


async def _documents(conversations: Sequence[Conversation]) -> list[Document]:
    ids = {
        (ticket_id, number): id
        for ticket_id, number, id in await TimelineEntry.filter(
            ticket_id__in=[one.ticket.id for one in conversations if one.files]
        ).values_list("ticket_id", "number", "id")
    }
    return [
        Document(
            contact_id=one.ticket.contact_id,
            ticket_id=one.ticket.id,
            entry_id=ids[one.ticket.id, entry.number],
            name=file.name,
            size=file.size,
            media_type=file.media_type,
            sha256=file.sha256,
            storage_key=file.storage_key,
            internal=entry.kind is EntryKind.INTERNAL_NOTE,
            from_desk=entry.operator_id is not None,
            created_at=entry.created_at,
        )
        for one in conversations
        for entry, files in one.files
        for file in files
    ]


def _words(conversation: Conversation) -> list[TicketWord]:
    ticket, contact = conversation.ticket, conversation.contact
    said = [entry.body_text for entry in conversation.entries if entry.kind in VISIBLE_KINDS]
    noted = [entry.body_text for entry in conversation.entries if entry.kind not in VISIBLE_KINDS]
    visible = words(str(ticket.id), ticket.subject, contact.name, contact.email or "", *said)
    return [
        TicketWord(ticket_id=ticket.id, word=word, visible=word in visible)
        for word in sorted(visible | words(*noted))
    ]


async def _insert(model: type[ModelT], rows: Sequence[ModelT]) -> None:
    await model.bulk_create(rows, batch_size=BATCH)
