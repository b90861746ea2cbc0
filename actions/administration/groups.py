"""Groups: named sets of operators, given as operators, roles, and other groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

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

    @property
    def key(self) -> "Key":
        """What tells it from other lines of the group."""
        return self.operator_id, self.role_id, self.group_id


Key = tuple[int | None, int | None, int | None]
"""Operator, role, group: the one that is named, the others None."""


class GroupFields(TypedDict, total=False):
    """What is given of a group."""

    name: str
    default_department_id: int | None
    add_members: Sequence[Member]
    remove_members: Sequence[Member]


async def create(fields: GroupFields, key: str | None, by: OperatorCaller) -> OperatorGroup:
    """A new group. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

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
    added, gone = fields.get("add_members", ()), fields.get("remove_members", ())
    lines = await _lines(group)
    await _check(form, added, "addMembers", lines)
    await _check(form, gone, "removeMembers", lines)
    form.check()
    before = await _words(group)
    if edit.new:
        await group.save()
    await _come_and_go(group, lines, added, gone)
    await _no_circle(group)
    after = await _words(group)
    if before != after:
        edit.note("members", before, after)
    return await edit.commit(by, verb, rights=True)


Lines = dict[Key, GroupMember]


async def _lines(group: OperatorGroup) -> Lines:
    """The definition as it is, in order."""
    if group.pk is None:
        return {}
    found = await GroupMember.filter(group_id=group.id).order_by("id")
    return {(one.operator_id, one.role_id, one.member_group_id): one for one in found}


async def _check(form: Form, members: Sequence[Member], path: str, lines: Lines) -> None:
    """Each names just one thing, and there is one; who is not active may stay, not come."""
    for one in members:
        if sum(id is not None for id in one.key) != 1:
            form.wrong(path, NO_MEMBER)
        if one.with_subordinates and one.role_id is None:
            form.wrong(path, "withSubordinates goes with roleId: roles alone have subordinates.")
    operators, roles, groups = (
        {id for one in members if (id := one.key[place]) is not None} for place in range(3)
    )
    await form.rows(Role, roles, path, "roles")
    await form.rows(OperatorGroup, groups, path, "groups")
    for operator in await form.rows(Operator, operators, path, "operators"):
        comes = path == "addMembers" and (operator.id, None, None) not in lines
        if comes and not operator.active:
            form.wrong(path, f"{operator.name} is not active: activate them first.")


async def _come_and_go(
    group: OperatorGroup, lines: Lines, added: Sequence[Member], gone: Sequence[Member]
) -> None:
    """What is there already and is to stay is left alone; what comes again is given anew."""
    coming = {one.key: one.with_subordinates for one in added}
    for key in {one.key for one in gone} - coming.keys():
        if key in lines:
            await lines[key].delete()
    for key, with_subordinates in coming.items():
        operator, role, member_group = key
        line = lines.get(key) or GroupMember(
            group_id=group.id, operator_id=operator, role_id=role, member_group_id=member_group
        )
        if key not in lines or line.with_subordinates is not with_subordinates:
            line.with_subordinates = with_subordinates
            await line.save()


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
