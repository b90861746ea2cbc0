"""Groups: named sets of operators, given as operators, roles, and other groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from actions.administration.editing import Create, Edit, created, found, permitted, removed
from actions.administration.form import Form
from actions.refusals import invalid
from models.callers import OperatorCaller
from models.desk import Department, DepartmentGroup
from models.enums import Right
from models.hierarchy import GroupMember, OperatorGroup, Role
from models.people import Operator
from models.tickets import Ticket

KIND = "Group"
NO_MEMBER = "Give one of operatorId, roleId and groupId."


@dataclass(frozen=True)
class Member:
    """One line of a group's definition: just one of the three ids is given."""

    operator_id: int | None = None
    role_id: int | None = None
    group_id: int | None = None
    with_subordinates: bool = False
    """The operators of the role's subordinates too."""

    def columns(self) -> dict[str, Any]:
        """What tells it from other lines of the group."""
        return {
            "operator_id": self.operator_id,
            "role_id": self.role_id,
            "member_group_id": self.group_id,
        }


class GroupFields(TypedDict, total=False):
    """What is given of a group."""

    name: str
    default_department_id: int | None
    add_members: Sequence[Member]
    remove_members: Sequence[Member]


async def create(fields: GroupFields, key: str | None, by: OperatorCaller) -> OperatorGroup:
    """A new group. Raises NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> OperatorGroup:
        return await _write(OperatorGroup(name=""), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, OperatorGroup, do)


async def update(id: int, fields: GroupFields, by: OperatorCaller) -> OperatorGroup:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> OperatorGroup:
        return await _write(await found(OperatorGroup, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> OperatorGroup:
    """Delete one that nothing refers to. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> OperatorGroup:
        group = await found(OperatorGroup, id)
        if await GroupMember.exists(member_group_id=id):
            raise invalid("groupId", "Groups are made of this one: take it out of them first.")
        if await DepartmentGroup.exists(group_id=id):
            raise invalid("groupId", "Departments name it: take it out of them first.")
        if await Ticket.exists(assignee_group_id=id):
            raise invalid("groupId", "It is in use: take its tickets from it first.")
        await GroupMember.filter(group_id=id).delete()
        await removed(by, group, KIND)
        return group

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _write(
    group: OperatorGroup, fields: GroupFields, by: OperatorCaller, verb: str
) -> OperatorGroup:
    form, edit = Form(), Edit(group, KIND)
    if "name" in fields or edit.new:
        name = form.name(fields.get("name", ""))
        await form.unused_name(OperatorGroup, group, name)
        edit.set("name", name)
    if "default_department_id" in fields:
        wanted = fields["default_department_id"]
        home = await form.row(Department, wanted, "defaultDepartmentId", "a department")
        await edit.link("default_department_id", Department, home)
    added = [await _named(form, one, "addMembers") for one in fields.get("add_members", ())]
    gone = [await _named(form, one, "removeMembers") for one in fields.get("remove_members", ())]
    form.check()
    before = await _words(group)
    if edit.new:
        await group.save()
    for one in gone:
        await GroupMember.filter(group_id=group.id, **one.columns()).delete()
    for one in added:
        await GroupMember.filter(group_id=group.id, **one.columns()).delete()
        line = GroupMember(group_id=group.id, **one.columns())
        line.with_subordinates = one.with_subordinates
        await line.save()
    await _no_circle(group)
    after = await _words(group)
    if before != after:
        edit.note("members", before, after)
    return await edit.commit(by, verb, rights=True)


async def _named(form: Form, member: Member, path: str) -> Member:
    """Checks that the line names just one thing, and that there is one."""
    if len([id for id in member.columns().values() if id is not None]) != 1:
        form.wrong(path, NO_MEMBER)
    operator = await form.row(Operator, member.operator_id, path, "an operator")
    await form.row(Role, member.role_id, path, "a role")
    await form.row(OperatorGroup, member.group_id, path, "a group")
    if path == "addMembers" and operator is not None and not operator.active:
        form.wrong(path, f"{operator.name} is not active: activate them first.")
    return member


async def _no_circle(group: OperatorGroup) -> None:
    """Raises InvalidInput when the group has come to be within itself."""
    within: dict[int, list[int]] = {}
    for line in await GroupMember.exclude(member_group_id=None):
        within.setdefault(line.group_id, []).append(line.member_group_id or 0)
    seen: set[int] = set()
    waiting = list(within.get(group.id, ()))
    while waiting:
        one = waiting.pop()
        if one == group.id:
            raise invalid("addMembers", "That would be a circle: the group would be in itself.")
        if one not in seen:
            seen.add(one)
            waiting.extend(within.get(one, ()))


async def _words(group: OperatorGroup) -> str | None:
    """The lines of the definition, for the audit log."""
    if group.pk is None:
        return None
    lines = (
        await GroupMember.filter(group_id=group.id)
        .order_by("id")
        .prefetch_related("operator", "role", "member_group")
    )
    texts: list[str] = []
    for line in lines:
        named = line.operator or line.role or line.member_group
        texts.append(named.name + (" with subordinates" if line.with_subordinates else ""))
    return ", ".join(texts) or None
