"""Operators, contacts and the places tickets belong to."""

from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import desk, hierarchy, people
from models.callers import Automation as AutomationRow
from models.enums import Level
from schema.core import Info, global_id

DepartmentType = Annotated["Department", strawberry.lazy("schema.desk.people")]
CategoryType = Annotated["Category", strawberry.lazy("schema.desk.people")]


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque global id; see Query.node.")


@strawberry.type(description="A member of staff, as colleagues see them.")
class Operator(Node):
    id: strawberry.ID = global_id("Operator")
    name: str = strawberry.field(description="As colleagues call them.")
    email: str | None = strawberry.field(description="Where they sign in with.")
    active: bool = strawberry.field(description="Whether they may sign in.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Operator)


@strawberry.type(description="A named set of operators, to which tickets are assigned.")
class OperatorGroup(Node):
    id: strawberry.ID = global_id("Group")
    name: str = strawberry.field(description="Its name.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, hierarchy.OperatorGroup)


@strawberry.type(description="A rule, a deadline, a machine's mail: nobody in person.")
class Automation:
    name: str = strawberry.field(description="Which.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, AutomationRow)


@strawberry.type(description="The firm or family a contact belongs to.")
class Organisation(Node):
    id: strawberry.ID = global_id("Organisation")
    name: str = strawberry.field(description="Its name.")
    shares_tickets: bool = strawberry.field(
        description="Whether its contacts see each other's tickets."
    )

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Organisation)


@strawberry.type(description="A customer.")
class Contact(Node):
    id: strawberry.ID = global_id("Contact")
    email: str | None = strawberry.field(description="Where mail reaches them.")
    language: str = strawberry.field(description="Of the texts they are sent (BCP 47).")
    blocked: bool = strawberry.field(description="May neither sign in nor post.")

    @strawberry.field(description="Falls back to the address, so that it is never empty.")
    def name(self, contact: Parent[people.Contact]) -> str:
        return contact.display_name

    @strawberry.field(graphql_type=Organisation | None, description="Theirs, if any.")
    async def organisation(
        self, contact: Parent[people.Contact], info: Info
    ) -> people.Organisation | None:
        return await _one(info.context.loaders.organisations, contact.organisation_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Contact)


@strawberry.type(description="An organisational unit that owns tickets and talks to contacts.")
class Department(Node):
    id: strawberry.ID = global_id("Department")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(
        graphql_type=DepartmentType | None,
        description="The department it belongs to.",
    )
    async def parent(
        self, department: Parent[desk.Department], info: Info
    ) -> desk.Department | None:
        return await _one(info.context.loaders.departments, department.parent_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, desk.Department)


@strawberry.type(description="A subject: what a ticket is about, and by that who sees it.")
class Category(Node):
    id: strawberry.ID = global_id("Category")
    name: str = strawberry.field(description="Its name.")
    initial_level: Level = strawberry.field(description="The level tickets begin at.")
    archived: bool = strawberry.field(description="No longer in use; old tickets stay in it.")

    @strawberry.field(
        graphql_type=CategoryType | None,
        description="The category it is under.",
    )
    async def parent(self, category: Parent[desk.Category], info: Info) -> desk.Category | None:
        return await _one(info.context.loaders.categories, category.parent_id)

    @strawberry.field(graphql_type=Department | None, description="Where it routes tickets to.")
    async def department(
        self, category: Parent[desk.Category], info: Info
    ) -> desk.Department | None:
        return await _one(info.context.loaders.departments, category.department_id)

    @strawberry.field(
        description="Whether contacts may choose it: in use, visible up to its root, none under it."
    )
    async def selectable(self, category: Parent[desk.Category], info: Info) -> bool:
        return category.id in (await info.context.loaders.contact_choices()).leaves

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, desk.Category)


async def _one(loader: Any, id: int | None) -> Any:
    return await loader.load(id) if id is not None else None


Actor = Annotated[
    Operator | Contact | Automation,
    strawberry.union("Actor", description="Who did it."),
]
Assignee = Annotated[
    Operator | OperatorGroup,
    strawberry.union("Assignee", description="Whose a ticket is."),
]
