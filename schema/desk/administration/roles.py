"""Profiles and the role tree."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe, Parent

from models import hierarchy
from models.enums import Right
from resolvers.administration import roles
from schema.core import Info, global_id
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeId,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.people import Node
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.rules import right

SETTINGS = right(Right.SETTINGS_VIEW)
RoleType = Annotated["Role", strawberry.lazy("schema.desk.administration.roles")]


@strawberry.type(description="What the operators of a role may do.")
class Profile(Node):
    id: strawberry.ID = global_id("Profile")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(graphql_type=list[Right], description="What it grants.")
    def rights(self, profile: Parent[hierarchy.Profile]) -> list[Right]:
        return sorted(profile.grants())

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, hierarchy.Profile)


@strawberry.type(description="A place in the hierarchy: superiors see what subordinates own.")
class Role(Node):
    id: strawberry.ID = global_id("Role")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(graphql_type=RoleType | None, description="The role above it.")
    async def parent(self, role: Parent[hierarchy.Role], info: Info) -> hierarchy.Role | None:
        return await info.context.loaders.roles.load(role.parent_id) if role.parent_id else None

    @strawberry.field(graphql_type=Profile, description="What its operators may do.")
    async def profile(self, role: Parent[hierarchy.Role], info: Info) -> Any:
        return await info.context.loaders.profiles.load(role.profile_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, hierarchy.Role)


@strawberry.input(description="A profile to make.")
class ProfileCreateInput:
    name: MaybeText = strawberry.field(description="Required: 1 to 200 characters, no other's.")
    rights: Maybe[list[Right] | None] = strawberry.field(
        description="What it grants; only what the caller has themselves."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a profile; what is left out stays.")
class ProfileUpdateInput:
    profile_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description="1 to 200 characters, no other's.")
    rights: Maybe[list[Right] | None] = strawberry.field(
        description="All it is to grant; only rights the caller has can be added or taken away."
    )


@strawberry.input(description="A profile to delete.")
class ProfileDeleteInput:
    profile_id: strawberry.ID = strawberry.field(description="One that no role has.")


@strawberry.input(description="A role to make.")
class RoleCreateInput:
    name: MaybeText = strawberry.field(description="Required: 1 to 200 characters, no other's.")
    parent_id: MaybeId = strawberry.field(description="The role above it; null for none.")
    profile_id: MaybeId = strawberry.field(description="Required: what its operators may do.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a role; what is left out stays.")
class RoleUpdateInput:
    role_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description="1 to 200 characters, no other's.")
    parent_id: MaybeId = strawberry.field(description="The role above it; null for none.")
    profile_id: MaybeId = strawberry.field(description="What its operators may do.")


@strawberry.input(description="A role to delete.")
class RoleDeleteInput:
    role_id: strawberry.ID = strawberry.field(description="One that nobody and no group has.")


@strawberry.type(description="Made.")
class ProfileCreated:
    profile: hierarchy.Profile = strawberry.field(graphql_type=Profile, description="The new one.")


@strawberry.type(description="Changed.")
class ProfileUpdated:
    profile: hierarchy.Profile = strawberry.field(graphql_type=Profile, description="As it is.")


@strawberry.type(description="Deleted.")
class ProfileDeleted:
    profile_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="Made.")
class RoleCreated:
    role: hierarchy.Role = strawberry.field(graphql_type=Role, description="The new one.")


@strawberry.type(description="Changed.")
class RoleUpdated:
    role: hierarchy.Role = strawberry.field(graphql_type=Role, description="As it is.")


@strawberry.type(description="Deleted.")
class RoleDeleted:
    role_id: strawberry.ID = strawberry.field(description="Which.")


ProfileCreateResult = Annotated[
    ProfileCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("ProfileCreateResult", description="Of profileCreate."),
]
ProfileUpdateResult = Annotated[
    ProfileUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ProfileUpdateResult", description="Of profileUpdate."),
]
ProfileDeleteResult = Annotated[
    ProfileDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ProfileDeleteResult", description="Of profileDelete."),
]
RoleCreateResult = Annotated[
    RoleCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("RoleCreateResult", description="Of roleCreate."),
]
RoleUpdateResult = Annotated[
    RoleUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("RoleUpdateResult", description="Of roleUpdate."),
]
RoleDeleteResult = Annotated[
    RoleDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("RoleDeleteResult", description="Of roleDelete."),
]
ROLE_IDS = {"parent_id": "Role", "profile_id": "Profile"}
ROLE_CLEARABLE = frozenset({"parent_id"})


@strawberry.type(description="Profiles and roles.")
class RoleQueries:
    @strawberry.field(
        graphql_type=list[Profile], extensions=[SETTINGS], description="All profiles, by name."
    )
    async def profiles(self) -> list[hierarchy.Profile]:
        return await roles.all_profiles()

    @strawberry.field(
        graphql_type=list[Role], extensions=[SETTINGS], description="The role tree, by name."
    )
    async def roles(self) -> list[hierarchy.Role]:
        return await roles.all_roles()


@strawberry.type(description="Changes of profiles and roles.")
class RoleMutations:
    @administration(ProfileCreateResult, "Make a profile.")
    async def profile_create(self, info: Info, input: Annotated[ProfileCreateInput, INPUT]) -> Any:
        made = await roles.create_profile(info.context, given(input), input.idempotency_key)
        return ProfileCreated(profile=made)

    @administration(ProfileUpdateResult, "Change a profile; it holds at once.")
    async def profile_update(self, info: Info, input: Annotated[ProfileUpdateInput, INPUT]) -> Any:
        id = local(input.profile_id, "Profile")
        return ProfileUpdated(profile=await roles.update_profile(info.context, id, given(input)))

    @administration(ProfileDeleteResult, "Delete a profile that no role has.")
    async def profile_delete(self, info: Info, input: Annotated[ProfileDeleteInput, INPUT]) -> Any:
        await roles.delete_profile(info.context, local(input.profile_id, "Profile"))
        return ProfileDeleted(profile_id=input.profile_id)

    @administration(RoleCreateResult, "Make a role.")
    async def role_create(self, info: Info, input: Annotated[RoleCreateInput, INPUT]) -> Any:
        fields = given(input, ids=ROLE_IDS, clearable=ROLE_CLEARABLE)
        return RoleCreated(
            role=await roles.create_role(info.context, fields, input.idempotency_key)
        )

    @administration(RoleUpdateResult, "Change a role; it holds at once.")
    async def role_update(self, info: Info, input: Annotated[RoleUpdateInput, INPUT]) -> Any:
        fields = given(input, ids=ROLE_IDS, clearable=ROLE_CLEARABLE)
        id = local(input.role_id, "Role")
        return RoleUpdated(role=await roles.update_role(info.context, id, fields))

    @administration(RoleDeleteResult, "Delete a role that nobody has.")
    async def role_delete(self, info: Info, input: Annotated[RoleDeleteInput, INPUT]) -> Any:
        await roles.delete_role(info.context, local(input.role_id, "Role"))
        return RoleDeleted(role_id=input.role_id)
