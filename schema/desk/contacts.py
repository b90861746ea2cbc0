"""Contacts, and what they belong to."""

from datetime import datetime

import strawberry
from strawberry import Parent

from models import people
from resolvers.nested import TICKETS_OF_CONTACT, TICKETS_OF_ORGANISATION
from schema.core import Info, global_id
from schema.desk.connections import contacts_of, tickets_of
from schema.desk.node import Node


@strawberry.type(description="The firm or family a contact belongs to.")
class Organisation(Node):
    id: strawberry.ID = global_id("Organisation")
    name: str = strawberry.field(description="Its name.")
    shares_tickets: bool = strawberry.field(
        description="Whether its contacts see each other's tickets."
    )
    contacts = contacts_of("Who belongs to it.")
    tickets = tickets_of(TICKETS_OF_ORGANISATION, "Of whoever belongs to it")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Organisation)


@strawberry.type(description="A set of contacts the desk treats alike; each is in one at most.")
class ContactGroup(Node):
    id: strawberry.ID = global_id("ContactGroup")
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.ContactGroup)


@strawberry.type(description="A customer.")
class Contact(Node):
    id: strawberry.ID = global_id("Contact")
    email: str | None = strawberry.field(description="Where mail reaches them.")
    language: str = strawberry.field(description="Of the texts they are sent (BCP 47).")
    blocked: bool = strawberry.field(description="May neither sign in nor post.")
    created_at: datetime = strawberry.field(description="Since when the desk knows them.")
    undeliverable_since: datetime | None = strawberry.field(
        description="When mail to the address came back for good; null once they write by mail."
    )

    @strawberry.field(description="Falls back to the address, so that it is never empty.")
    def name(self, contact: Parent[people.Contact]) -> str:
        return contact.display_name

    @strawberry.field(graphql_type=Organisation | None, description="Theirs, if any.")
    async def organisation(
        self, contact: Parent[people.Contact], info: Info
    ) -> people.Organisation | None:
        id = contact.organisation_id
        return await info.context.loaders.organisations.load(id) if id is not None else None

    @strawberry.field(graphql_type=ContactGroup | None, description="Theirs, if any.")
    async def contact_group(
        self, contact: Parent[people.Contact], info: Info
    ) -> people.ContactGroup | None:
        id = contact.contact_group_id
        return await info.context.loaders.contact_groups.load(id) if id is not None else None

    tickets = tickets_of(TICKETS_OF_CONTACT, "Theirs")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Contact)
