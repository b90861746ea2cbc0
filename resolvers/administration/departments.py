"""Groups and departments: who asks, then the action."""

from actions.administration import departments, groups
from actions.administration.departments import DepartmentFields
from actions.administration.groups import GroupFields, Member
from models.desk import Department
from models.enums import Right
from models.hierarchy import OperatorGroup
from resolvers.context import Context
from resolvers.rules import require_right

__all__ = ["DepartmentFields", "GroupFields", "Member"]


async def all_groups() -> list[OperatorGroup]:
    return await OperatorGroup.all().order_by("name", "id")


async def every(context: Context) -> list[Department]:
    """All departments, by name. Raises RequestRefused."""
    await require_right(context, Right.SETTINGS_VIEW)
    return await Department.all().order_by("name", "id")


async def create_group(context: Context, fields: GroupFields, key: str | None) -> OperatorGroup:
    return await groups.create(fields, key, by=await context.operator())


async def update_group(context: Context, id: int, fields: GroupFields) -> OperatorGroup:
    return await groups.update(id, fields, by=await context.operator())


async def delete_group(context: Context, id: int) -> OperatorGroup:
    return await groups.delete(id, by=await context.operator())


async def create(context: Context, fields: DepartmentFields, key: str | None) -> Department:
    return await departments.create(fields, key, by=await context.operator())


async def update(context: Context, id: int, fields: DepartmentFields) -> Department:
    return await departments.update(id, fields, by=await context.operator())


async def delete(context: Context, id: int) -> Department:
    return await departments.delete(id, by=await context.operator())
