"""Departments: made, changed, deleted."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe, Parent

from models import desk
from resolvers.administration import departments
from resolvers.ids import encode
from schema.core import Info
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeFlag,
    MaybeId,
    MaybeIds,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.administration.mailbox_types import Mailbox
from schema.desk.people import Department, Operator, OperatorGroup
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted

IDS = {
    "parent_id": "Department",
    "default_contact_group_id": "ContactGroup",
    "add_operator_ids": "Operator",
    "remove_operator_ids": "Operator",
    "add_group_ids": "Group",
    "remove_group_ids": "Group",
    "add_public_group_ids": "Group",
    "remove_public_group_ids": "Group",
    "incoming_mailbox_id": "Mailbox",
    "outgoing_mailbox_id": "Mailbox",
}
CLEARABLE = frozenset(
    [
        "parent_id", "default_contact_group_id", "email", "default_language", "staff_name",
        "staff_avatar", "signature", "incoming_mailbox_id", "outgoing_mailbox_id",
    ]
)  # fmt: skip


@strawberry.type(description="How a department is set up: for who may see the settings.")
class DepartmentSetup:
    email: str = strawberry.field(description="Its address; empty for none.")
    aliases: list[str] = strawberry.field(description="Further addresses.")
    hidden: bool = strawberry.field(description="Contacts do not see it.")
    default_language: str = strawberry.field(description="Of people it meets first; or empty.")
    notify_members: bool = strawberry.field(description="Members are told of new tickets.")
    limited_view: bool = strawberry.field(description="Guests may only reply and edit fields.")
    assignees_members_only: bool = strawberry.field(description="Members alone are assigned.")
    offered_for_solving: bool = strawberry.field(description="Dealt out by ticketTakeNext.")
    personal_signatures: bool = strawberry.field(description="Operators' own go under replies.")
    survey: bool = strawberry.field(description="Its contacts are asked to rate.")
    staff_name: str = strawberry.field(description="Shown instead of operators' names; or empty.")
    staff_avatar: str = strawberry.field(description="Shown with it; or empty.")
    signature: str = strawberry.field(description="Under its mail.")

    @strawberry.field(description="The contact group of people it meets first.")
    def default_contact_group_id(self, row: Parent[desk.Department]) -> strawberry.ID | None:
        id = row.default_contact_group_id
        return strawberry.ID(encode("ContactGroup", id)) if id is not None else None

    @strawberry.field(graphql_type=Mailbox | None, description="Where its mail arrives.")
    async def incoming_mailbox(self, row: Parent[desk.Department], info: Info) -> Any:
        return await info.context.loaders.mailboxes.load(row.incoming_mailbox_id or 0)

    @strawberry.field(graphql_type=Mailbox | None, description="By which its mail is sent.")
    async def outgoing_mailbox(self, row: Parent[desk.Department], info: Info) -> Any:
        return await info.context.loaders.mailboxes.load(row.outgoing_mailbox_id or 0)

    @strawberry.field(graphql_type=list[Operator], description="Members by themselves, by name.")
    async def operators(self, row: Parent[desk.Department], info: Info) -> Any:
        return await info.context.loaders.operators_of_departments.load(row.id)

    @strawberry.field(graphql_type=list[OperatorGroup], description="Whose members are members.")
    async def groups(self, row: Parent[desk.Department], info: Info) -> Any:
        return await info.context.loaders.groups_of_departments.load((row.id, False))

    @strawberry.field(graphql_type=list[OperatorGroup], description="Whose members are guests.")
    async def public_groups(self, row: Parent[desk.Department], info: Info) -> Any:
        return await info.context.loaders.groups_of_departments.load((row.id, True))


@strawberry.input(description="What a department is; what is left out stays as it is.")
class DepartmentInput:
    name: MaybeText = strawberry.field(
        description="1 to 200 characters, no other's; a new one needs it."
    )
    email: MaybeText = strawberry.field(description="Its address, no other's; null for none.")
    aliases: Maybe[list[str] | None] = strawberry.field(description="Further addresses, all.")
    parent_id: MaybeId = strawberry.field(description="The department above; null for none.")
    hidden: MaybeFlag = strawberry.field(description="Contacts do not see it.")
    default_language: MaybeText = strawberry.field(
        description="Of people it meets first; null for the desk's."
    )
    default_contact_group_id: MaybeId = strawberry.field(
        description="Of people it meets first; null for none."
    )
    notify_members: MaybeFlag = strawberry.field(
        description="Members are told of new tickets; those of a new one are, unless said."
    )
    limited_view: MaybeFlag = strawberry.field(description="Guests may only reply and edit fields.")
    assignees_members_only: MaybeFlag = strawberry.field(
        description="Its tickets are assigned to members alone."
    )
    offered_for_solving: MaybeFlag = strawberry.field(
        description="Its tickets are dealt out by ticketTakeNext."
    )
    personal_signatures: MaybeFlag = strawberry.field(
        description="Operators' own signatures go under their replies."
    )
    survey: MaybeFlag = strawberry.field(
        description="Its contacts are asked to rate; those of a new one are, unless said."
    )
    incoming_mailbox_id: MaybeId = strawberry.field(
        description="Where its mail arrives; null for nowhere."
    )
    outgoing_mailbox_id: MaybeId = strawberry.field(
        description="By which its mail is sent; null: it sends none."
    )
    staff_name: MaybeText = strawberry.field(
        description="Shown to contacts instead of operators' names; null for none."
    )
    staff_avatar: MaybeText = strawberry.field(
        description="An https address, shown with it; null for none."
    )
    signature: MaybeText = strawberry.field(description="Under its mail: plain text.")
    add_operator_ids: MaybeIds = strawberry.field(description="Operators who become members.")
    add_group_ids: MaybeIds = strawberry.field(description="Groups whose members are members.")
    add_public_group_ids: MaybeIds = strawberry.field(
        description="Groups whose members are guests: they see what they opened there."
    )


@strawberry.input(description="A department to make.")
class DepartmentCreateInput(DepartmentInput):
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a department; what is left out stays.")
class DepartmentUpdateInput(DepartmentInput):
    department_id: strawberry.ID = strawberry.field(description="Which.")
    remove_operator_ids: MaybeIds = strawberry.field(description="Members no more.")
    remove_group_ids: MaybeIds = strawberry.field(description="Groups that are members no more.")
    remove_public_group_ids: MaybeIds = strawberry.field(description="Groups no longer guests.")


@strawberry.input(description="A department to delete.")
class DepartmentDeleteInput:
    department_id: strawberry.ID = strawberry.field(description="One that was never used.")


@strawberry.type(description="Made.")
class DepartmentCreated:
    department: desk.Department = strawberry.field(
        graphql_type=Department, description="The new one."
    )


@strawberry.type(description="Changed.")
class DepartmentUpdated:
    department: desk.Department = strawberry.field(graphql_type=Department, description="As it is.")


@strawberry.type(description="Deleted.")
class DepartmentDeleted:
    department_id: strawberry.ID = strawberry.field(description="Which.")


DepartmentCreateResult = Annotated[
    DepartmentCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("DepartmentCreateResult", description="Of departmentCreate."),
]
DepartmentUpdateResult = Annotated[
    DepartmentUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("DepartmentUpdateResult", description="Of departmentUpdate."),
]
DepartmentDeleteResult = Annotated[
    DepartmentDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("DepartmentDeleteResult", description="Of departmentDelete."),
]


@strawberry.type(description="Changes of departments.")
class DepartmentMutations:
    @administration(DepartmentCreateResult, "Make a department.")
    async def department_create(
        self, info: Info, input: Annotated[DepartmentCreateInput, INPUT]
    ) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        made = await departments.create(info.context, fields, input.idempotency_key)
        return DepartmentCreated(department=made)

    @administration(DepartmentUpdateResult, "Change a department; it holds at once.")
    async def department_update(
        self, info: Info, input: Annotated[DepartmentUpdateInput, INPUT]
    ) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        id = local(input.department_id, "Department")
        return DepartmentUpdated(department=await departments.update(info.context, id, fields))

    @administration(DepartmentDeleteResult, "Delete a department that was never used.")
    async def department_delete(
        self, info: Info, input: Annotated[DepartmentDeleteInput, INPUT]
    ) -> Any:
        await departments.delete(info.context, local(input.department_id, "Department"))
        return DepartmentDeleted(department_id=input.department_id)
