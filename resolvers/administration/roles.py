"""Profiles and roles, for those who may see or change the settings."""

from actions.administration import profiles, roles
from actions.administration.profiles import ProfileFields
from actions.administration.roles import RoleFields
from models.hierarchy import Profile, Role
from resolvers.context import Context

__all__ = ["ProfileFields", "RoleFields"]


async def all_profiles() -> list[Profile]:
    return await Profile.all().order_by("name", "id")


async def all_roles() -> list[Role]:
    return await Role.all().order_by("name", "id")


async def create_profile(context: Context, fields: ProfileFields, key: str | None) -> Profile:
    return await profiles.create(fields, key, by=await context.operator())


async def update_profile(context: Context, id: int, fields: ProfileFields) -> Profile:
    return await profiles.update(id, fields, by=await context.operator())


async def delete_profile(context: Context, id: int) -> Profile:
    return await profiles.delete(id, by=await context.operator())


async def create_role(context: Context, fields: RoleFields, key: str | None) -> Role:
    return await roles.create(fields, key, by=await context.operator())


async def update_role(context: Context, id: int, fields: RoleFields) -> Role:
    return await roles.update(id, fields, by=await context.operator())


async def delete_role(context: Context, id: int) -> Role:
    return await roles.delete(id, by=await context.operator())
