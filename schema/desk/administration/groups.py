"""Groups: named sets of operators."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe, Parent

from models import hierarchy
from models.enums import Right
from resolvers.administration import departments
from resolvers.administration.departments import Member
from schema.core import Info
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeId,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.administration.roles import Role
from schema.desk.people import Operator, OperatorGroup
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.rules import scope

HOME = "Where tickets go that members without a default of their own open; null for none."
IDS = {"default_department_id": "Department"}
CLEARABLE = frozenset(IDS)


@strawberry.type(description="One line of a group's definition: one of the three is not null.")
class GroupMember:
    with_subordinates: bool = strawberry.field(description="Of the role.")

    @strawberry.field(graphql_type=Operator | None, description="One operator.")
    async def operator(self, line: Parent[hierarchy.GroupMember], info: Info) -> Any:
        id = line.operator_id
        return await info.context.loaders.operators.load(id) if id is not None else None

    @strawberry.field(graphql_type=Role | None, description="Everybody in a role.")
    async def role(self, line: Parent[hierarchy.GroupMember], info: Info) -> Any:
        id = line.role_id
        return await info.context.loaders.roles.load(id) if id is not None else None

    @strawberry.field(graphql_type=OperatorGroup | None, description="Everybody in a group.")
    async def group(self, line: Parent[hierarchy.GroupMember], info: Info) -> Any:
        id = line.member_group_id
        return await info.context.loaders.groups.load(id) if id is not None else None


@strawberry.input(description="One line of a group's definition: give just one of the ids.")
class GroupMemberInput:
    operator_id: strawberry.ID | None = strawberry.field(default=None, description="One operator.")
    role_id: strawberry.ID | None = strawberry.field(
        default=None, description="Everybody in a role."
    )
    group_id: strawberry.ID | None = strawberry.field(
        default=None, description="Everybody in another group."
    )
    with_subordinates: bool = strawberry.field(
        default=False, description="With a role: everybody in the roles below it too."
    )

    def member(self) -> Member:
        return Member(
            operator_id=_maybe(self.operator_id, "Operator"),
            role_id=_maybe(self.role_id, "Role"),
            group_id=_maybe(self.group_id, "Group"),
            with_subordinates=self.with_subordinates,
        )


def _maybe(gid: strawberry.ID | None, kind: str) -> int | None:
    return None if gid is None else local(gid, kind)


MaybeMembers = Maybe[list[GroupMemberInput] | None]


@strawberry.input(description="A group to make.")
class GroupCreateInput:
    name: MaybeText = strawberry.field(description="Required: 1 to 200 characters, no other's.")
    default_department_id: MaybeId = strawberry.field(description=HOME)
    add_members: MaybeMembers = strawberry.field(description="Who is in it.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a group; what is left out stays.")
class GroupUpdateInput:
    group_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description="1 to 200 characters, no other's.")
    default_department_id: MaybeId = strawberry.field(description=HOME)
    add_members: MaybeMembers = strawberry.field(description="Lines to add, or to give anew.")
    remove_members: MaybeMembers = strawberry.field(description="Lines to take away.")


@strawberry.input(description="A group to delete.")
class GroupDeleteInput:
    group_id: strawberry.ID = strawberry.field(description="One that nothing refers to.")


@strawberry.type(description="Made.")
class GroupCreated:
    group: hierarchy.OperatorGroup = strawberry.field(
        graphql_type=OperatorGroup, description="The new one."
    )


@strawberry.type(description="Changed.")
class GroupUpdated:
    group: hierarchy.OperatorGroup = strawberry.field(
        graphql_type=OperatorGroup, description="As it is."
    )


@strawberry.type(description="Deleted.")
class GroupDeleted:
    group_id: strawberry.ID = strawberry.field(description="Which.")


GroupCreateResult = Annotated[
    GroupCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("GroupCreateResult", description="Of groupCreate."),
]
GroupUpdateResult = Annotated[
    GroupUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("GroupUpdateResult", description="Of groupUpdate."),
]
GroupDeleteResult = Annotated[
    GroupDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("GroupDeleteResult", description="Of groupDelete."),
]


def _fields(input: GroupCreateInput | GroupUpdateInput) -> Any:
    fields = given(input, ids=IDS, clearable=CLEARABLE)
    for name in ("add_members", "remove_members"):
        if name in fields:
            fields[name] = [one.member() for one in fields[name]]
    return fields


@strawberry.type(description="Groups.")
class GroupQueries:
    @strawberry.field(
        graphql_type=list[OperatorGroup],
        extensions=[scope(Right.TICKETS_VIEW)],
        description="All groups, by name: tickets are assigned to them.",
    )
    async def groups(self) -> list[hierarchy.OperatorGroup]:
        return await departments.all_groups()


@strawberry.type(description="Changes of groups.")
class GroupMutations:
    @administration(GroupCreateResult, "Make a group.")
    async def group_create(self, info: Info, input: Annotated[GroupCreateInput, INPUT]) -> Any:
        fields = _fields(input)
        made = await departments.create_group(info.context, fields, input.idempotency_key)
        return GroupCreated(group=made)

    @administration(GroupUpdateResult, "Change a group; it holds at once.")
    async def group_update(self, info: Info, input: Annotated[GroupUpdateInput, INPUT]) -> Any:
        id = local(input.group_id, "Group")
        return GroupUpdated(group=await departments.update_group(info.context, id, _fields(input)))

    @administration(GroupDeleteResult, "Delete a group that nothing refers to.")
    async def group_delete(self, info: Info, input: Annotated[GroupDeleteInput, INPUT]) -> Any:
        await departments.delete_group(info.context, local(input.group_id, "Group"))
        return GroupDeleted(group_id=input.group_id)
