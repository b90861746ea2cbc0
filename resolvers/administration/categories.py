"""Categories, who handles them, and the settings: who asks, then the action."""

from collections.abc import Sequence

from actions.administration import categories, grants, settings
from actions.administration.categories import CategoryFields
from actions.administration.grants import AddGrant
from actions.administration.settings import SettingsFields
from models.callers import OperatorCaller
from models.desk import Category, CategoryGrant, Desk
from models.enums import Level, Right
from resolvers.context import Context
from resolvers.rules import require_right

__all__ = ["AddGrant", "CategoryFields", "SettingsFields"]


async def every(context: Context) -> list[Category]:
    """All categories, archived ones too, in order. Raises RequestRefused."""
    await require_right(context, Right.SETTINGS_VIEW)
    return await Category.all().order_by("position", "name", "id")


async def create(context: Context, fields: CategoryFields, key: str | None) -> Category:
    return await categories.create(fields, key, by=await context.operator())


async def update(context: Context, id: int, fields: CategoryFields) -> Category:
    return await categories.update(id, fields, by=await context.operator())


async def delete(context: Context, id: int) -> Category:
    return await categories.delete(id, by=await context.operator())


async def reorder(context: Context, parent_id: int | None, ids: Sequence[int]) -> list[Category]:
    return await categories.reorder(parent_id, ids, by=await context.operator())


async def add_grant(context: Context, request: AddGrant) -> CategoryGrant:
    return await grants.add(request, by=await context.operator())


async def change_grant(context: Context, id: int, level: Level) -> CategoryGrant:
    return await grants.change(id, level, by=await context.operator())


async def remove_grant(context: Context, id: int) -> CategoryGrant:
    return await grants.remove(id, by=await context.operator())


async def grant(by: OperatorCaller, id: int) -> CategoryGrant | None:
    """A grant, for its operator and for who may see the settings."""
    found = await CategoryGrant.get_or_none(id=id)
    if found is None or by.sight.has(Right.SETTINGS_VIEW):
        return found
    return found if by.scopes is None and found.operator_id == by.id else None


async def desk_settings() -> Desk:
    return await Desk.get(id=1)


async def update_settings(context: Context, fields: SettingsFields) -> Desk:
    return await settings.update(fields, by=await context.operator())
