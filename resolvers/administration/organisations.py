"""Organisations and contact groups, for those who may view or change contacts."""

from actions.administration import organisations
from actions.administration.organisations import ContactGroupFields, OrganisationFields
from models.paging import Page, PageRequest, Sort
from models.people import ContactGroup, Organisation
from resolvers.context import Context
from resolvers.lists import rows_of
from resolvers.named import named

__all__ = ["ContactGroupFields", "OrganisationFields"]

BY_NAME = Sort("organisation", "t.name", lambda row: row.name, holds=str)


async def organisations_named(search: str | None, request: PageRequest) -> Page[Organisation]:
    """Those whose name contains the text, by name."""
    condition = named(search, with_address=False)
    return await rows_of(Organisation, "organisation", condition, BY_NAME, request)


async def all_groups() -> list[ContactGroup]:
    return await ContactGroup.all().order_by("name", "id")


async def create(context: Context, fields: OrganisationFields, key: str | None) -> Organisation:
    return await organisations.create(fields, key, by=await context.operator())


async def update(context: Context, id: int, fields: OrganisationFields) -> Organisation:
    return await organisations.update(id, fields, by=await context.operator())


async def delete(context: Context, id: int) -> Organisation:
    return await organisations.delete(id, by=await context.operator())


async def create_group(
    context: Context, fields: ContactGroupFields, key: str | None
) -> ContactGroup:
    return await organisations.create_group(fields, key, by=await context.operator())


async def update_group(context: Context, id: int, fields: ContactGroupFields) -> ContactGroup:
    return await organisations.update_group(id, fields, by=await context.operator())


async def delete_group(context: Context, id: int) -> ContactGroup:
    return await organisations.delete_group(id, by=await context.operator())
