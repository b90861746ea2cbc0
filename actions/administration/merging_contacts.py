"""Two contacts turn out to be one: what was the one's is the other's, its address leads there."""

from typing import Any

from actions import password_resets, search
from actions.administration.contacts import KIND, seen
from actions.administration.editing import permitted, record_change
from actions.events import TicketWritten
from actions.operators import rights_changed
from actions.refusals import invalid
from actions.sessions import end_those_of_contact
from actions.unit_of_work import record
from models.callers import OperatorCaller
from models.documents import Document
from models.enums import Right
from models.people import Contact
from models.records import EventRecord
from models.sql import Statement, clock, connection, rows

BY_KEY = (("upload", "owner"), ("document_access", "caller"), ("event", "caller"))
"""Columns that name a contact by the key of their caller."""


async def merge(id: int, into_id: int, by: OperatorCaller) -> Contact:
    """Give everything of the one to the other, and return the other.

    Rows are taken in one order: the desk, contacts, tickets. So merges come one after another,
    and who writes meanwhile has written before or writes as the other. Raises NotFound,
    NotPermitted, InvalidInput.
    """

    async def do() -> Contact:
        source = await seen(id, by)
        into = await Contact.get_or_none(id=into_id, merged_into_id=None)
        if into is None:
            raise invalid("intoId", "No such contact: give the id of one that is not merged.")
        if into.id == source.id:
            raise invalid("intoId", "Choose another contact: one cannot be merged into itself.")
        await _hold_contacts(source, into)
        tickets = await _hold_tickets(source)
        await _move(source, into)
        await _told(tickets, source, into, by)
        await search.add_to_all(tickets, True, into.name, into.email or "")
        merged = f"{source.name} <{source.email}>" if source.email else source.name
        await _lead(source, into)
        await record_change(by, KIND, into, "merge", [("merged", None, merged.strip())])
        await rights_changed()
        return into

    return await permitted(by, Right.CONTACTS_DELETE, do)


async def _hold_contacts(source: Contact, into: Contact) -> None:
    """Both, and who was merged into the one; nobody opens a ticket for them or posts meanwhile."""
    to = Statement()
    one, other = to.add(source.id), to.add(into.id)
    sql = f"""
        SELECT id FROM contact WHERE id IN ({one}, {other}) OR merged_into_id = {one}
        ORDER BY id"""
    await _held(sql, to)


async def _hold_tickets(source: Contact) -> list[int]:
    """Theirs, and those of colleagues they wrote in."""
    to = Statement()
    me = to.add(source.id)
    sql = f"""
        SELECT id FROM ticket WHERE contact_id = {me}
        OR id IN (SELECT ticket_id FROM timeline_entry WHERE contact_id = {me}) ORDER BY id"""
    return await _held(sql, to)


async def _held(sql: str, to: Statement) -> list[int]:
    # Weaker than FOR UPDATE, which would wait for every row that refers to these.
    found = await rows(f"{sql} FOR NO KEY UPDATE" if to.postgres else sql, to)
    return [row["id"] for row in found]


async def _move(source: Contact, into: Contact) -> None:
    """All but the tickets' own rows. Entries count as changed, with a revision of their own."""
    to = Statement()
    sql = f"""
        UPDATE timeline_entry SET contact_id = {to.add(into.id)}, changed_revision =
            (SELECT t.revision + 1 FROM ticket t WHERE t.id = timeline_entry.ticket_id)
        WHERE contact_id = {to.add(source.id)}"""
    await connection().execute_query(sql, to.values)
    await Document.filter(contact_id=source.id).update(contact_id=into.id)
    for table, column in BY_KEY:
        to = Statement()
        new, old = to.add(f"contact:{into.id}"), to.add(f"contact:{source.id}")
        sql = f"UPDATE {table} SET {column} = {new} WHERE {column} = {old}"
        await connection().execute_query(sql, to.values)
    subject = f"{KIND}:{into.id}"
    await EventRecord.filter(subject=f"{KIND}:{source.id}").update(subject=subject)


async def _told(tickets: list[int], source: Contact, into: Contact, by: OperatorCaller) -> None:
    """The tickets' rows, a line of the event log for each, and word to open feeds.

    A revision after that of their entries: feeds tell of these, and of the ticket besides.
    """
    to = Statement()
    old, new = to.add(source.id), to.add(into.id)
    sql = f"""
        UPDATE ticket SET revision = revision + 2, written_at = {to.now},
            contact_id = CASE WHEN contact_id = {old} THEN {new} ELSE contact_id END
        WHERE {to.among("id", tickets)} RETURNING id, seq, revision"""
    written = await rows(sql, to)
    at = await clock()
    data: dict[str, Any] = {"entries": [], "from": source.id, "into": into.id}
    await EventRecord.bulk_create(
        EventRecord(at=at, kind="ticket.contact", caller=by.key, ticket_id=row["id"], data=data)
        for row in written
    )
    for row in written:
        record(TicketWritten(row["id"], row["seq"], row["revision"]))


async def _lead(source: Contact, into: Contact) -> None:
    """What is left of the one is an address, from which a way leads to the other; no chains."""
    await Contact.filter(merged_into_id=source.id).update(merged_into_id=into.id)
    await Contact.filter(id=source.id).update(
        merged_into_id=into.id,
        blocked=True,
        name="",
        password_hash="",
        organisation_id=None,
        contact_group_id=None,
    )
    await end_those_of_contact(source.id)
    await password_resets.void(source.id)
