"""Organisations and contact groups: what contacts belong to."""

from typing import TypedDict

from actions.administration.editing import Create, Edit, created, found, permitted, removed
from actions.administration.form import Form
from actions.refusals import NotFound, invalid
from models.callers import OperatorCaller
from models.desk import Department
from models.enums import Right
from models.people import Contact, ContactGroup, Organisation
from models.sights import sight_for

KIND, GROUP_KIND = "Organisation", "ContactGroup"


class OrganisationFields(TypedDict, total=False):
    """What is given of an organisation."""

    name: str
    shares_tickets: bool


class ContactGroupFields(TypedDict, total=False):
    """What is given of a contact group."""

    name: str


async def create(fields: OrganisationFields, key: str | None, by: OperatorCaller) -> Organisation:
    """A new organisation; two may have one name.

    Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict.
    """

    async def do() -> Organisation:
        return await _write(Organisation(name=""), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.CONTACTS_WRITE, request, Organisation, do)


async def update(id: int, fields: OrganisationFields, by: OperatorCaller) -> Organisation:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Organisation:
        await _require_view(by)
        return await _write(await found(Organisation, id), fields, by, "update")

    return await permitted(by, Right.CONTACTS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Organisation:
    """Delete one that nobody belongs to. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Organisation:
        await _require_view(by)
        organisation = await found(Organisation, id)
        if await Contact.exists(organisation_id=id):
            raise invalid("organisationId", "Contacts belong to it: take them out of it first.")
        await removed(by, organisation, KIND, rights=False)
        return organisation

    return await permitted(by, Right.CONTACTS_DELETE, do)


async def create_group(
    fields: ContactGroupFields, key: str | None, by: OperatorCaller
) -> ContactGroup:
    """A new contact group. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> ContactGroup:
        return await _write_group(ContactGroup(name=""), fields, by, "create")

    request = Create(GROUP_KIND, dict(fields), key)
    return await created(by, Right.CONTACTS_WRITE, request, ContactGroup, do)


async def update_group(id: int, fields: ContactGroupFields, by: OperatorCaller) -> ContactGroup:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> ContactGroup:
        await _require_view(by)
        return await _write_group(await found(ContactGroup, id), fields, by, "update")

    return await permitted(by, Right.CONTACTS_WRITE, do)


async def delete_group(id: int, by: OperatorCaller) -> ContactGroup:
    """Delete one that nobody is in. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> ContactGroup:
        await _require_view(by)
        group = await found(ContactGroup, id)
        if await Contact.exists(contact_group_id=id):
            raise invalid("contactGroupId", "Contacts are in it: take them out of it first.")
        if await Department.exists(default_contact_group_id=id):
            raise invalid(
                "contactGroupId", "Departments put new contacts in it: change that first."
            )
        await removed(by, group, GROUP_KIND, rights=False)
        return group

    return await permitted(by, Right.CONTACTS_DELETE, do)


async def _require_view(by: OperatorCaller) -> None:
    """What one may not view is not there to change. Raises NotFound."""
    if not (await sight_for(by)).has(Right.CONTACTS_VIEW):
        raise NotFound


async def _write(
    organisation: Organisation, fields: OrganisationFields, by: OperatorCaller, verb: str
) -> Organisation:
    form, edit = Form(), Edit(organisation, KIND)
    if "name" in fields or edit.new:
        edit.set("name", form.name(fields.get("name", "")))
    if "shares_tickets" in fields:
        edit.set("shares_tickets", fields["shares_tickets"])
    form.check()
    return await edit.commit(by, verb, rights=not edit.new)


async def _write_group(
    group: ContactGroup, fields: ContactGroupFields, by: OperatorCaller, verb: str
) -> ContactGroup:
    form, edit = Form(), Edit(group, GROUP_KIND)
    if "name" in fields or edit.new:
        name = form.name(fields.get("name", ""))
        await form.unused_name(ContactGroup, group, name)
        edit.set("name", name)
    form.check()
    return await edit.commit(by, verb, rights=False)
