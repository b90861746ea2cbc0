"""A random desk with conversations: tickets of every kind, and everything a ticket has."""

from itertools import count
from random import Random
from typing import Any

from models.documents import Document
from models.drafts import Draft, ReadMark
from models.enums import (
    VISIBLE_KINDS,
    DraftKind,
    EntryKind,
    NotificationKind,
    Priority,
    Right,
    Severity,
    SystemEventKind,
    Turn,
)
from models.notifications import Notification
from models.people import Contact
from models.records import EventRecord
from models.tickets import Ticket, TicketWord
from models.timeline import TimelineEntry
from tests.models import organisations_table
from tests.models.organisations import Organisation, organisation
from tests.models.tickets import NOON, saved
from tests.resolvers.desk import document, entry

OTHER_RIGHTS = {Right.CONTACTS_VIEW: 0.7, Right.CONTACTS_WRITE: 0.4, Right.SETTINGS_VIEW: 0.5}
_minutes = count()


async def peopled(random: Random, size: int) -> Organisation:
    """Saved: an organisation, and so many tickets of the example's contacts in it."""
    made = organisation(random)
    for rights in made.rights.values():
        rights |= {right for right, likely in OTHER_RIGHTS.items() if random.random() < likely}
    await organisations_table.save(made)
    tickets = organisations_table.tickets(random, made, size)
    contacts = [one.id for one in await Contact.filter(merged_into_id=None).order_by("id")]
    for one in tickets:
        _vary(random, one, contacts)
    entries = [line for one in tickets for line in _conversation(random, made, one)]
    await saved(*tickets)
    await TimelineEntry.bulk_create(entries)
    posts = [line for line in entries if line.kind is not EntryKind.SYSTEM_EVENT]
    await Document.bulk_create(document(line) for line in posts)
    await _linked(random, tickets)
    await _own_things(random, made, tickets)
    return made


def _vary(random: Random, one: Ticket, contacts: list[int]) -> None:
    one.contact_id = random.choice(contacts)
    one.turn = random.choice(list(Turn))
    one.priority = random.choice(list(Priority))
    one.severity = random.choice([None, *Severity])
    one.tags = random.sample(["tag", "other"], random.randrange(3))
    at = NOON.replace(year=2027, minute=next(_minutes) % 60)
    one.updated_at = one.visible_at = at
    one.closed_at = at if one.turn is Turn.CLOSED else None
    one.chosen_category_id = one.category_id


def _conversation(random: Random, made: Organisation, one: Ticket) -> list[TimelineEntry]:
    """A message first, then whatever; the row counts it."""
    operators = list(made.operators)
    kinds = [EntryKind.CONTACT_MESSAGE, *random.choices(list(EntryKind), k=random.randrange(4))]
    found: list[TimelineEntry] = []
    for number, kind in enumerate(kinds, 1):
        more: dict[str, Any] = {}
        if kind in VISIBLE_KINDS:
            one.visible_seq += 1
            more["visible_number"] = one.visible_seq
        if kind is EntryKind.INTERNAL_NOTE:
            more["mentions"] = [random.choice(operators)]
        if kind is not EntryKind.CONTACT_MESSAGE:
            more["operator_id"] = random.choice(operators)
        if kind in (EntryKind.CONTACT_MESSAGE, EntryKind.OPERATOR_REPLY):
            one.last_post_number, one.last_post_at = number, NOON
            one.last_post_excerpt = f"excerpt {one.id}"
        if kind is EntryKind.OPERATOR_REPLY:
            one.last_operator_reply_at = one.first_reply_at = NOON
        found.append(entry(one, kind, number, body=f"<p>body {one.id}</p>", **more))
    one.seq = len(found)
    one.attachment_count = sum(line.kind is not EntryKind.SYSTEM_EVENT for line in found)
    one.last_contact_post_at = NOON
    return found


async def _linked(random: Random, tickets: list[Ticket]) -> None:
    """Some go on from others or were merged into them, and their timelines say so."""
    for _ in range(len(tickets) // 3):
        one, other = random.sample(tickets, 2)
        column, event, field = random.choice([
            ("follow_up_of_id", SystemEventKind.FOLLOW_UP_OPENED, "followUp"),
            ("merged_into_id", SystemEventKind.MERGED, "mergedInto"),
        ])  # fmt: skip
        await Ticket.filter(id=one.id).update(**{column: other.id})
        teller, told = (other, one) if column == "follow_up_of_id" else (one, other)
        teller.seq += 1
        await Ticket.filter(id=teller.id).update(seq=teller.seq)
        changes = [[field, None, f"#{told.id} {told.subject}"]]
        line = entry(teller, EntryKind.SYSTEM_EVENT, teller.seq, event=event, changes=changes)
        await line.save(force_create=True)


async def _own_things(random: Random, made: Organisation, tickets: list[Ticket]) -> None:
    operators = list(made.operators)
    for one in tickets:
        words = ("subject", "word", str(one.id))
        await TicketWord.bulk_create(
            TicketWord(ticket_id=one.id, word=word, visible=True) for word in words
        )
        await EventRecord.create(
            at=NOON, kind="ticket.open", caller=f"contact:{one.contact_id}", ticket_id=one.id
        )
        whose = random.choice(operators)
        if random.random() < 0.5:
            await ReadMark.create(operator_id=whose, ticket_id=one.id, up_to=random.randrange(3))
        if random.random() < 0.5:
            await Draft.create(
                operator_id=whose, ticket_id=one.id, kind=DraftKind.REPLY, body="draft",
                saved_at=NOON,
            )  # fmt: skip
        for told in random.sample(operators, min(2, len(operators))):
            await Notification.create(
                operator_id=told, kind=random.choice(list(NotificationKind)), ticket_id=one.id,
                entry_number=1, created_at=NOON, read_at=random.choice([None, NOON]),
            )  # fmt: skip
        if random.random() < 0.3:
            await Ticket.filter(id=one.id).update(
                lock_holder_id=random.choice(operators), lock_expires=NOON.replace(year=2099),
                lock_acquired_at=NOON, lock_token=1,
            )  # fmt: skip
