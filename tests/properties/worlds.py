"""Two worlds: the desk as it is, and the same one in which some tickets never were."""

import copy
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from tortoise.models import Model

from models.documents import Document
from models.drafts import Draft, ReadMark, SpentDraft
from models.enums import Right
from models.magic_links import MagicLink
from models.mails import InboundMail, OutboundMail
from models.notifications import Notification
from models.records import EventRecord
from models.tickets import Ticket, TicketWord
from models.timeline import TimelineEntry
from tests.models.organisations import Organisation

PARTS: tuple[type[Model], ...] = (
    Document, TimelineEntry, TicketWord, Draft, SpentDraft, ReadMark, Notification, EventRecord,
    OutboundMail, InboundMail, MagicLink,
)  # fmt: skip
"""What there is of a ticket besides its row; what refers to another comes first."""
NEVER = 999_999_999
VIEWERS = 2
LINKS = ("follow_up_of_id", "merged_into_id")


@asynccontextmanager
async def without(ids: Iterable[int]) -> AsyncGenerator[None]:
    """Meanwhile these tickets never were; whatever else there is keeps its ids."""
    gone = sorted(ids)
    links = await Ticket.filter(**{f"{LINKS[0]}__not_isnull": True}).values("id", *LINKS)
    links += await Ticket.filter(**{f"{LINKS[1]}__not_isnull": True}).values("id", *LINKS)
    rows: list[tuple[type[Model], list[Any]]] = [
        (Ticket, await Ticket.filter(id__in=gone).values())
    ]
    for part in reversed(PARTS):
        rows.append((part, await part.filter(ticket_id__in=gone).values()))  # noqa: PERF401
    for link in LINKS:
        await Ticket.filter(**{f"{link}__in": gone}).update(**{link: None})
    await erase(gone)
    try:
        yield
    finally:
        for model, some in rows:
            await model.bulk_create(model(**{**row, **_unlinked(row)}) for row in some)
        for line in links:
            await Ticket.filter(id=line["id"]).update(**{name: line[name] for name in LINKS})


def _unlinked(row: dict[str, Any]) -> dict[str, None]:
    """Links come last, when both ends are there again."""
    return {link: None for link in LINKS if link in row}


async def erase(ids: list[int]) -> None:
    """These tickets, and all there is of them."""
    await Ticket.filter(id__in=ids).update(**dict.fromkeys(LINKS))
    for part in PARTS:
        await part.filter(ticket_id__in=ids).delete()
    await Ticket.filter(id__in=ids).delete()


def viewers(random: Random, made: Organisation, now: Organisation) -> list[int]:
    """Some who may sign in, and do not administer."""
    able = [
        one
        for one in made.operators
        if one not in now.inactive and not now.has(one, Right.ADMINISTER)
    ]
    return random.sample(able, min(VIEWERS, len(able)))


def knows(now: Organisation, viewer: int, one: Ticket) -> bool:
    """Seen; or deleted, and listed among these for who may delete."""
    if one.deleted_at is None:
        return now.sees(viewer, one)
    present = copy.copy(one)
    present.deleted_at = None
    return now.has(viewer, Right.TICKETS_DELETE) and now.sees(viewer, present)
