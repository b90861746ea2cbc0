"""Contacts, as those who may change them administer them."""

from typing import Annotated, Any

import strawberry

from models import people
from models.enums import Right
from resolvers.administration import contacts
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
from schema.desk.contacts import Contact
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.rules import scope

WRITE, DELETE = scope(Right.CONTACTS_WRITE), scope(Right.CONTACTS_DELETE)
NAME = "At most 200 characters; empty only where there is an address."
EMAIL = "Where mail reaches them, and they sign in; no other contact's, nor one merged away."
LANGUAGE = "One of the desk's languages."


@strawberry.input(description="A contact to make.")
class ContactCreateInput:
    name: MaybeText = strawberry.field(description=NAME)
    email: MaybeText = strawberry.field(description=f"{EMAIL} Null or left out, none.")
    language: MaybeText = strawberry.field(description=f"{LANGUAGE} Left out, the first of them.")
    organisation_id: MaybeId = strawberry.field(description="Theirs; null for none.")
    contact_group_id: MaybeId = strawberry.field(description="Theirs; null for none.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a contact; what is left out stays.")
class ContactUpdateInput:
    contact_id: strawberry.ID = strawberry.field(description="Whom.")
    name: MaybeText = strawberry.field(description=NAME)
    email: MaybeText = strawberry.field(description=f"{EMAIL} Null for none.")
    language: MaybeText = strawberry.field(description=LANGUAGE)
    organisation_id: MaybeId = strawberry.field(description="Theirs; null for none.")
    contact_group_id: MaybeId = strawberry.field(description="Theirs; null for none.")


@strawberry.input(description="A contact to shut out.")
class ContactBlockInput:
    contact_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.input(description="A contact to let in again.")
class ContactUnblockInput:
    contact_id: strawberry.ID = strawberry.field(description="Whom.")


@strawberry.input(description="A contact to delete.")
class ContactDeleteInput:
    contact_id: strawberry.ID = strawberry.field(
        description="One without tickets, documents and messages."
    )


@strawberry.input(description="Two contacts who turned out to be one.")
class ContactMergeInput:
    contact_id: strawberry.ID = strawberry.field(
        description="Who goes: their address leads to the other from now on."
    )
    into_id: strawberry.ID = strawberry.field(description="Who stays, and gets everything.")


@strawberry.type(description="Made.")
class ContactCreated:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="The new one.")


@strawberry.type(description="Changed.")
class ContactUpdated:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="As they are.")


@strawberry.type(description="Shut out: whatever they were signed in with has ended.")
class ContactBlocked:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="As they are.")


@strawberry.type(description="Let in again.")
class ContactUnblocked:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="As they are.")


@strawberry.type(description="Deleted.")
class ContactDeleted:
    contact_id: strawberry.ID = strawberry.field(description="Who.")


@strawberry.type(description="One from now on.")
class ContactMerged:
    contact: people.Contact = strawberry.field(graphql_type=Contact, description="Who stays.")


ContactCreateResult = Annotated[
    ContactCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("ContactCreateResult", description="Of contactCreate."),
]
ContactUpdateResult = Annotated[
    ContactUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ContactUpdateResult", description="Of contactUpdate."),
]
ContactBlockResult = Annotated[
    ContactBlocked | NotFound | NotPermitted,
    strawberry.union("ContactBlockResult", description="Of contactBlock."),
]
ContactUnblockResult = Annotated[
    ContactUnblocked | NotFound | NotPermitted,
    strawberry.union("ContactUnblockResult", description="Of contactUnblock."),
]
ContactDeleteResult = Annotated[
    ContactDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ContactDeleteResult", description="Of contactDelete."),
]
ContactMergeResult = Annotated[
    ContactMerged | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ContactMergeResult", description="Of contactMerge."),
]
KIND = "Contact"
IDS = {"organisation_id": "Organisation", "contact_group_id": "ContactGroup"}
CLEARABLE = frozenset({"email", *IDS})


@strawberry.type(description="Changes of contacts.")
class ContactMutations:
    @administration(ContactCreateResult, "Make a contact.", WRITE)
    async def contact_create(self, info: Info, input: Annotated[ContactCreateInput, INPUT]) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        made = await contacts.create(info.context, fields, input.idempotency_key)
        return ContactCreated(contact=made)

    @administration(
        ContactUpdateResult,
        "Change a contact; whose tickets they see by a new organisation holds at once.",
        WRITE,
    )
    async def contact_update(self, info: Info, input: Annotated[ContactUpdateInput, INPUT]) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        id = local(input.contact_id, KIND)
        return ContactUpdated(contact=await contacts.update(info.context, id, fields))

    @administration(
        ContactBlockResult,
        "Shut a contact out: they can neither sign in nor post, and their sessions end at once. "
        "Their tickets stay.",
        WRITE,
    )
    async def contact_block(self, info: Info, input: Annotated[ContactBlockInput, INPUT]) -> Any:
        id = local(input.contact_id, KIND)
        return ContactBlocked(contact=await contacts.block(info.context, id))

    @administration(ContactUnblockResult, "Let a contact in again.", WRITE)
    async def contact_unblock(
        self, info: Info, input: Annotated[ContactUnblockInput, INPUT]
    ) -> Any:
        id = local(input.contact_id, KIND)
        return ContactUnblocked(contact=await contacts.unblock(info.context, id))

    @administration(
        ContactDeleteResult, "Delete a contact without tickets, documents and messages.", DELETE
    )
    async def contact_delete(self, info: Info, input: Annotated[ContactDeleteInput, INPUT]) -> Any:
        await contacts.delete(info.context, local(input.contact_id, KIND))
        return ContactDeleted(contact_id=input.contact_id)

    @administration(
        ContactMergeResult,
        "Make two contacts one, for good: tickets, documents, messages and the audit log of the "
        "one become the other's, and so does what comes to its address. Its sessions end.",
        DELETE,
    )
    async def contact_merge(self, info: Info, input: Annotated[ContactMergeInput, INPUT]) -> Any:
        id, into_id = local(input.contact_id, KIND), local(input.into_id, KIND)
        return ContactMerged(contact=await contacts.merge(info.context, id, into_id))
