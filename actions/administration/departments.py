"""Departments: what owns tickets and talks to contacts."""

import re
from typing import TypedDict
from urllib.parse import urlsplit

from actions.administration.department_mailboxes import edit_mailboxes, mailbox_conflicts
from actions.administration.editing import Create, Edit, created, found, permitted, removed
from actions.administration.form import Form
from actions.administration.membership import MemberFields, Membership
from actions.refusals import invalid
from models.callers import OperatorCaller
from models.desk import Category, Department, DepartmentGroup, DepartmentOperator, Desk
from models.enums import Right
from models.hierarchy import OperatorGroup
from models.people import ContactGroup, Operator
from models.tickets import Ticket

KIND = "Department"
AVATAR_LIMIT = 500
_NEVER_IN_AN_ADDRESS = re.compile(r"""[\s"<>\\^`{|}]""")
"""RFC 3986 has them written with %: as they are, they end the attribute a page puts it into."""
SWITCHES = (
    "hidden", "notify_members", "limited_view", "assignees_members_only", "offered_for_solving",
    "personal_signatures", "survey",
)  # fmt: skip


class Switches(TypedDict, total=False):
    """What is on or off."""

    hidden: bool
    notify_members: bool
    limited_view: bool
    assignees_members_only: bool
    offered_for_solving: bool
    personal_signatures: bool
    survey: bool


class DepartmentFields(Switches, MemberFields, total=False):
    """What is given of a department."""

    name: str
    email: str | None
    aliases: list[str]
    parent_id: int | None
    default_language: str | None
    default_contact_group_id: int | None
    incoming_mailbox_id: int | None
    outgoing_mailbox_id: int | None
    staff_name: str | None
    staff_avatar: str | None
    signature: str | None


async def create(fields: DepartmentFields, key: str | None, by: OperatorCaller) -> Department:
    """A new department. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> Department:
        return await _write(Department(name="", aliases=[]), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, Department, do)


async def update(id: int, fields: DepartmentFields, by: OperatorCaller) -> Department:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Department:
        return await _write(await found(Department, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Department:
    """Delete one that was never used. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Department:
        department = await found(Department, id)
        if await Department.exists(parent_id=id):
            raise invalid("departmentId", "Departments are under this one: move them first.")
        if await Category.exists(department_id=id):
            raise invalid("departmentId", "Categories route to it: send them elsewhere first.")
        if await Ticket.exists(department_id=id):
            raise invalid("departmentId", "It is in use: hide it instead.")
        for model, whose in ((Operator, "Operators"), (OperatorGroup, "Groups")):
            if await model.exists(default_department_id=id):
                message = f"{whose} have it as their default: give them another first."
                raise invalid("departmentId", message)
        await DepartmentOperator.filter(department_id=id).delete()
        await DepartmentGroup.filter(department_id=id).delete()
        await removed(by, department, KIND)
        return department

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _write(
    department: Department, fields: DepartmentFields, by: OperatorCaller, verb: str
) -> Department:
    form, edit = Form(), Edit(department, KIND)
    if "name" in fields or edit.new:
        name = form.name(fields.get("name", ""))
        await form.unused_name(Department, department, name)
        edit.set("name", name)
    if "parent_id" in fields:
        parent = await form.row(Department, fields["parent_id"], "parentId", "a department")
        await form.place_in_tree(Department, department, parent.id if parent else None)
        await edit.link("parent_id", Department, parent)
    await edit_mailboxes(form, edit, fields)
    await _addresses(form, edit, fields)
    await mailbox_conflicts(form, department, fields)
    await _for_contacts(form, edit, fields)
    edit.set_all({name: value for name, value in fields.items() if name in SWITCHES})
    membership = await Membership.of(form, department, fields)
    form.check()
    if edit.new:
        await department.save()
    await membership.write(edit)
    return await edit.commit(by, verb, rights=True)


async def _addresses(form: Form, edit: Edit[Department], fields: DepartmentFields) -> None:
    """An address, its own or an alias, is one department's."""
    department = edit.row
    others = await Department.exclude(id=department.pk or 0)
    taken = {address for one in others for address in (one.email, *one.aliases) if address}
    if "email" in fields:
        email = form.address(fields["email"]) if fields["email"] else ""
        if email in taken:
            form.wrong("email", f"Another department has this address: {email}.")
        edit.set("email", email)
    if "aliases" in fields:
        aliases = form.addresses(fields["aliases"], "aliases")
        for one in aliases:
            if one in taken:
                form.wrong("aliases", f"This address is taken: {one}.")
        edit.set("aliases", aliases)
    if department.email and department.email in department.aliases:
        path = "aliases" if "aliases" in fields else "email"
        form.wrong(path, f"{department.email} cannot be its address and an alias at once.")


async def _for_contacts(form: Form, edit: Edit[Department], fields: DepartmentFields) -> None:
    """What contacts meet of it."""
    if "default_language" in fields:
        languages, wanted = (await Desk.get(id=1)).languages, fields["default_language"] or ""
        if wanted and wanted not in languages:
            form.wrong("defaultLanguage", f"Choose one of {', '.join(languages)}.")
        else:
            edit.set("default_language", wanted)
    if "default_contact_group_id" in fields:
        id, path = fields["default_contact_group_id"], "defaultContactGroupId"
        group = await form.row(ContactGroup, id, path, "a contact group")
        await edit.link("default_contact_group_id", ContactGroup, group)
    if "staff_name" in fields:
        edit.set("staff_name", form.line(fields["staff_name"] or "", "staffName"))
    if "staff_avatar" in fields:
        edit.set("staff_avatar", _avatar(form, fields["staff_avatar"] or ""))
    if "signature" in fields:
        edit.set("signature", form.text(fields["signature"] or "", "signature"))


def _avatar(form: Form, text: str) -> str:
    avatar = form.line(text, "staffAvatar", AVATAR_LIMIT)
    try:
        parts = urlsplit(avatar)
    except ValueError:
        parts = urlsplit("")
    strange = _NEVER_IN_AN_ADDRESS.search(avatar) is not None
    if avatar and (parts.scheme != "https" or not parts.hostname or strange):
        form.wrong("staffAvatar", "Give the address of a picture: https://…")
    elif "@" in parts.netloc:
        form.wrong("staffAvatar", "Every contact sees this address: leave the password out.")
    return avatar
