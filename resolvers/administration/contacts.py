"""Contacts, for those who may change them."""

from actions.administration import contacts, merging_contacts
from actions.administration.contacts import ContactFields
from models.people import Contact
from resolvers.context import Context

__all__ = ["ContactFields"]


async def create(context: Context, fields: ContactFields, key: str | None) -> Contact:
    return await contacts.create(fields, key, by=await context.operator())


async def update(context: Context, id: int, fields: ContactFields) -> Contact:
    return await contacts.update(id, fields, by=await context.operator())


async def block(context: Context, id: int) -> Contact:
    return await contacts.block(id, by=await context.operator())


async def unblock(context: Context, id: int) -> Contact:
    return await contacts.unblock(id, by=await context.operator())


async def delete(context: Context, id: int) -> Contact:
    return await contacts.delete(id, by=await context.operator())


async def merge(context: Context, id: int, into_id: int) -> Contact:
    return await merging_contacts.merge(id, into_id, by=await context.operator())
