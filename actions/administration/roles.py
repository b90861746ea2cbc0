"""The role tree: superiors see what their subordinates own."""

from typing import TypedDict

from actions.administration.administrators import at_least_one
from actions.administration.editing import Create, Edit, created, found, permitted, removed
from actions.administration.form import Form
from actions.administration.profiles import no_more_than_own
from actions.refusals import invalid
from models.callers import OperatorCaller
from models.enums import Right
from models.hierarchy import GroupMember, Profile, Role
from models.people import Operator

KIND = "Role"


class RoleFields(TypedDict, total=False):
    """What is given of a role."""

    name: str
    parent_id: int | None
    profile_id: int


async def create(fields: RoleFields, key: str | None, by: OperatorCaller) -> Role:
    """A new role. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> Role:
        return await _write(Role(name="", profile_id=0), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, Role, do)


async def update(id: int, fields: RoleFields, by: OperatorCaller) -> Role:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Role:
        return await _write(await found(Role, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Role:
    """Delete one that nobody has. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Role:
        role = await found(Role, id)
        if await Operator.exists(role_id=id):
            raise invalid("roleId", "Operators have this role: give them another first.")
        if await Role.exists(parent_id=id):
            raise invalid("roleId", "Roles are under this one: move them first.")
        if await GroupMember.exists(role_id=id):
            raise invalid("roleId", "Groups are made of this role: take it out of them first.")
        await removed(by, role, KIND)
        return role

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _write(role: Role, fields: RoleFields, by: OperatorCaller, verb: str) -> Role:
    form, edit = Form(), Edit(role, KIND)
    if "name" in fields or not role.name:
        name = form.name(fields.get("name", ""))
        await form.unused_name(Role, role, name)
        edit.set("name", name)
    if "parent_id" in fields:
        parent = await form.row(Role, fields["parent_id"], "parentId", "a role")
        await form.place_in_tree(Role, role, parent.id if parent else None)
        await edit.link("parent_id", Role, parent)
    if "profile_id" in fields or not role.profile_id:
        profile = await form.row(Profile, fields.get("profile_id", 0), "profileId", "a profile")
        for one in (profile, await Profile.get_or_none(id=role.profile_id)):
            await no_more_than_own(one.grants() if one else (), by)
        await edit.link("profile_id", Profile, profile)
    form.check()
    written = await edit.commit(by, verb, rights=True)
    await at_least_one("profileId")
    return written
