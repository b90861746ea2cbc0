"""Contacts as the desk keeps them: who they are, and whether they may speak."""

from typing import TypedDict

from tortoise.exceptions import IntegrityError

from actions import password_resets, search, ways_in
from actions.administration.editing import Create, Edit, created, permitted, removed
from actions.administration.form import Form
from actions.refusals import NotFound, invalid
from actions.sessions import end_those_of_contact
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.desk import Desk
from models.enums import Right
from models.people import Contact, ContactGroup, Organisation
from models.sights import sight_for
from models.sql import Statement, clock, connection, rows

KIND = "Contact"
TAKEN = "Another contact has this address, or had it before they were merged."


class ContactFields(TypedDict, total=False):
    """What is given of a contact."""

    name: str
    email: str | None
    language: str
    organisation_id: int | None
    contact_group_id: int | None


async def create(fields: ContactFields, key: str | None, by: OperatorCaller) -> Contact:
    """A new contact. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> Contact:
        return await _write(Contact(created_at=await clock()), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.CONTACTS_WRITE, request, Contact, do)


async def update(id: int, fields: ContactFields, by: OperatorCaller) -> Contact:
    """Change what is given; their tickets are found by the new name and address too.

    With another address, links that were sent to the old one open nothing any more.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Contact:
        contact = await seen(id, by)
        before = (contact.name, contact.email)
        await _write(contact, fields, by, "update")
        if before != (contact.name, contact.email):
            await _findable(contact)
        if before[1] != contact.email:
            await ways_in.address_changed(contact.id)
        return contact

    return await permitted(by, Right.CONTACTS_WRITE, do)


async def block(id: int, by: OperatorCaller) -> Contact:
    """Shut somebody out: their sessions end, their tickets stay.

    Who is shut out already stays so. Raises NotFound, NotPermitted.
    """

    async def do() -> Contact:
        contact = await seen(id, by)
        if not contact.blocked:
            await _blocked(contact, by, "block", blocked=True)
            await end_those_of_contact(id)
            await password_resets.void(id)
        return contact

    return await permitted(by, Right.CONTACTS_WRITE, do)


async def unblock(id: int, by: OperatorCaller) -> Contact:
    """Let somebody in again. Raises NotFound, NotPermitted."""

    async def do() -> Contact:
        contact = await seen(id, by)
        if contact.blocked:
            await _blocked(contact, by, "unblock", blocked=False)
        return contact

    return await permitted(by, Right.CONTACTS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Contact:
    """Delete one who never wrote, with the addresses that lead to them.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Contact:
        contact = await seen(id, by)
        if await _in_use(id):
            raise invalid("contactId", "This contact is in use: block them, or merge them.")
        await end_those_of_contact(id)
        await Contact.filter(merged_into_id=id).delete()
        await removed(by, contact, KIND)
        return contact

    return await permitted(by, Right.CONTACTS_DELETE, do)


async def seen(id: int, by: OperatorCaller) -> Contact:
    """The contact, for who may view contacts, and not one merged away. Raises NotFound."""
    sight = await sight_for(by)
    contact = await Contact.get_or_none(id=id, merged_into_id=None)
    if contact is None or not sight.has(Right.CONTACTS_VIEW):
        raise NotFound
    return contact


async def _write(contact: Contact, fields: ContactFields, by: OperatorCaller, verb: str) -> Contact:
    form, edit = Form(), Edit(contact, KIND)
    if "name" in fields:
        edit.set("name", form.line(fields["name"], "name"))
    if "email" in fields:
        await _address(edit, fields["email"], form)
    if not contact.name and not contact.email:
        form.wrong("name", "Give a name, an email address, or both.")
    if "language" in fields or edit.new:
        await _language(edit, fields.get("language"), form)
    if "organisation_id" in fields:
        id = fields["organisation_id"]
        theirs = await form.row(Organisation, id, "organisationId", "an organisation")
        await edit.link("organisation_id", Organisation, theirs)
    if "contact_group_id" in fields:
        id = fields["contact_group_id"]
        group = await form.row(ContactGroup, id, "contactGroupId", "a contact group")
        await edit.link("contact_group_id", ContactGroup, group)
    form.check()
    circles = any(field == "organisation" for field, _, _ in edit.changes)
    try:
        return await unit_of_work(lambda: edit.commit(by, verb, rights=circles))
    except IntegrityError:  # a ticket was opened for somebody new with this address meanwhile
        raise invalid("email", TAKEN) from None


async def _address(edit: Edit[Contact], text: str | None, form: Form) -> None:
    email = None if text is None else form.address(text)
    if email == "" or email == edit.row.email:
        return
    if email is not None and await Contact.exists(email=email):
        form.wrong("email", TAKEN)
    edit.set("email", email)
    edit.row.undeliverable_since = None


async def _language(edit: Edit[Contact], language: str | None, form: Form) -> None:
    spoken = (await Desk.get(id=1)).languages
    if language is not None and language not in spoken:
        form.wrong("language", f"Choose one of the desk's: {', '.join(spoken)}.")
    else:
        edit.set("language", language or spoken[0])


async def _blocked(contact: Contact, by: OperatorCaller, verb: str, *, blocked: bool) -> None:
    edit = Edit(contact, KIND)
    edit.set("blocked", blocked)
    await edit.commit(by, verb, rights=True)


async def _findable(contact: Contact) -> None:
    """All their tickets, by what they are called now; rows are held, as for any other words."""
    to = Statement()
    sql = f"SELECT id FROM ticket WHERE contact_id = {to.add(contact.id)} ORDER BY id"
    if to.postgres:
        sql += " FOR NO KEY UPDATE"
    ids = [row["id"] for row in await rows(sql, to)]
    await search.add_to_all(ids, True, contact.name, contact.email or "")


async def _in_use(id: int) -> bool:
    """Their row held, and in one statement: what there is of it, or how much, nobody learns."""
    to = Statement()
    await connection().execute_query(
        f"UPDATE contact SET id = id WHERE id = {to.add(id)}", to.values
    )
    to = Statement()
    me = to.add(id)
    parts = [
        f"EXISTS (SELECT 1 FROM {table} WHERE contact_id = {me})"
        for table in ("ticket", "document", "timeline_entry")
    ]
    found = await rows(f"SELECT {' OR '.join(parts)} AS used", to)
    return bool(found[0]["used"])
