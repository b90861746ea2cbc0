"""Organisations and contact groups."""

from typing import Annotated, Any

import strawberry

from models import people
from models.enums import Right
from models.paging import Page
from resolvers.administration import organisations
from schema.core import Info
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeFlag,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.contacts import ContactGroup, Organisation
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import right, scope

VIEW = right(Right.CONTACTS_VIEW)
WRITE, DELETE = scope(Right.CONTACTS_WRITE), scope(Right.CONTACTS_DELETE)
SHARES = "Whether its contacts see each other's tickets."


@strawberry.input(description="An organisation to make.")
class OrganisationCreateInput:
    name: MaybeText = strawberry.field(
        description="Required: 1 to 200 characters; two may have one name."
    )
    shares_tickets: MaybeFlag = strawberry.field(description=f"{SHARES} Left out, no.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of an organisation; what is left out stays.")
class OrganisationUpdateInput:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description="1 to 200 characters; two may have one name.")
    shares_tickets: MaybeFlag = strawberry.field(description=SHARES)


@strawberry.input(description="An organisation to delete.")
class OrganisationDeleteInput:
    organisation_id: strawberry.ID = strawberry.field(description="One that nobody belongs to.")


@strawberry.input(description="A contact group to make.")
class ContactGroupCreateInput:
    name: MaybeText = strawberry.field(description="Required: 1 to 200 characters, no other's.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a contact group; what is left out stays.")
class ContactGroupUpdateInput:
    contact_group_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description="1 to 200 characters, no other's.")


@strawberry.input(description="A contact group to delete.")
class ContactGroupDeleteInput:
    contact_group_id: strawberry.ID = strawberry.field(
        description="One that nobody is in, and no department puts people in."
    )


@strawberry.type(description="Made.")
class OrganisationCreated:
    organisation: people.Organisation = strawberry.field(
        graphql_type=Organisation, description="The new one."
    )


@strawberry.type(description="Changed.")
class OrganisationUpdated:
    organisation: people.Organisation = strawberry.field(
        graphql_type=Organisation, description="As it is."
    )


@strawberry.type(description="Deleted.")
class OrganisationDeleted:
    organisation_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="Made.")
class ContactGroupCreated:
    contact_group: people.ContactGroup = strawberry.field(
        graphql_type=ContactGroup, description="The new one."
    )


@strawberry.type(description="Changed.")
class ContactGroupUpdated:
    contact_group: people.ContactGroup = strawberry.field(
        graphql_type=ContactGroup, description="As it is."
    )


@strawberry.type(description="Deleted.")
class ContactGroupDeleted:
    contact_group_id: strawberry.ID = strawberry.field(description="Which.")


OrganisationCreateResult = Annotated[
    OrganisationCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("OrganisationCreateResult", description="Of organisationCreate."),
]
OrganisationUpdateResult = Annotated[
    OrganisationUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OrganisationUpdateResult", description="Of organisationUpdate."),
]
OrganisationDeleteResult = Annotated[
    OrganisationDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OrganisationDeleteResult", description="Of organisationDelete."),
]
ContactGroupCreateResult = Annotated[
    ContactGroupCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("ContactGroupCreateResult", description="Of contactGroupCreate."),
]
ContactGroupUpdateResult = Annotated[
    ContactGroupUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ContactGroupUpdateResult", description="Of contactGroupUpdate."),
]
ContactGroupDeleteResult = Annotated[
    ContactGroupDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("ContactGroupDeleteResult", description="Of contactGroupDelete."),
]
KIND, GROUP_KIND = "Organisation", "ContactGroup"


@strawberry.type(description="Organisations and contact groups.")
class OrganisationQueries:
    @strawberry.field(
        graphql_type=Connection[Organisation],
        extensions=[VIEW],
        description="Organisations, by name.",
    )
    async def organisations(
        self,
        search: Annotated[
            str | None, strawberry.argument(description="A part of the name.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[people.Organisation]:
        return await organisations.organisations_named(search, request(first, after, last, before))

    @strawberry.field(
        graphql_type=list[ContactGroup], extensions=[VIEW], description="All of them, by name."
    )
    async def contact_groups(self) -> list[people.ContactGroup]:
        return await organisations.all_groups()


@strawberry.type(description="Changes of organisations and contact groups.")
class OrganisationMutations:
    @administration(OrganisationCreateResult, "Make an organisation.", WRITE)
    async def organisation_create(
        self, info: Info, input: Annotated[OrganisationCreateInput, INPUT]
    ) -> Any:
        made = await organisations.create(info.context, given(input), input.idempotency_key)
        return OrganisationCreated(organisation=made)

    @administration(
        OrganisationUpdateResult,
        "Change an organisation; whose tickets its contacts see holds at once.",
        WRITE,
    )
    async def organisation_update(
        self, info: Info, input: Annotated[OrganisationUpdateInput, INPUT]
    ) -> Any:
        id = local(input.organisation_id, KIND)
        done = await organisations.update(info.context, id, given(input))
        return OrganisationUpdated(organisation=done)

    @administration(
        OrganisationDeleteResult, "Delete an organisation that nobody belongs to.", DELETE
    )
    async def organisation_delete(
        self, info: Info, input: Annotated[OrganisationDeleteInput, INPUT]
    ) -> Any:
        await organisations.delete(info.context, local(input.organisation_id, KIND))
        return OrganisationDeleted(organisation_id=input.organisation_id)

    @administration(ContactGroupCreateResult, "Make a contact group.", WRITE)
    async def contact_group_create(
        self, info: Info, input: Annotated[ContactGroupCreateInput, INPUT]
    ) -> Any:
        made = await organisations.create_group(info.context, given(input), input.idempotency_key)
        return ContactGroupCreated(contact_group=made)

    @administration(ContactGroupUpdateResult, "Change a contact group.", WRITE)
    async def contact_group_update(
        self, info: Info, input: Annotated[ContactGroupUpdateInput, INPUT]
    ) -> Any:
        id = local(input.contact_group_id, GROUP_KIND)
        done = await organisations.update_group(info.context, id, given(input))
        return ContactGroupUpdated(contact_group=done)

    @administration(ContactGroupDeleteResult, "Delete a contact group nobody is in.", DELETE)
    async def contact_group_delete(
        self, info: Info, input: Annotated[ContactGroupDeleteInput, INPUT]
    ) -> Any:
        await organisations.delete_group(info.context, local(input.contact_group_id, GROUP_KIND))
        return ContactGroupDeleted(contact_group_id=input.contact_group_id)
