"""Operators, contacts and the places tickets belong to."""

from typing import Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.types.lazy_type import LazyType

from models import desk, hierarchy, people
from models.callers import Automation as AutomationRow
from models.enums import Level, Right
from resolvers.administration import operators
from resolvers.nested import (
    TICKETS_OF_CATEGORY,
    TICKETS_OF_DEPARTMENT,
    TICKETS_OF_GROUP,
    TICKETS_OF_OPERATOR,
)
from schema.core import Info, global_id
from schema.desk.connections import tickets_of
from schema.desk.contacts import Contact
from schema.desk.node import Node
from schema.rules import right

DepartmentType = Annotated["Department", strawberry.lazy("schema.desk.people")]
CategoryType = Annotated["Category", strawberry.lazy("schema.desk.people")]
GroupType = Annotated["OperatorGroup", strawberry.lazy("schema.desk.people")]


def _later(name: str, module: str) -> Any:
    """A type of a module that imports this one: found when the schema is built."""
    later: Any = LazyType
    return later(name, f"schema.desk.administration.{module}")


ROLE = _later("Role", "roles")
API_TOKEN = _later("ApiToken", "tokens")
CHOICE = _later("NotificationChoice", "accounts")
GRANT = _later("CategoryGrant", "categories")
GROUP_MEMBER = _later("GroupMember", "groups")
DEPARTMENT_SETUP = _later("DepartmentSetup", "departments")
SETTINGS = right(Right.SETTINGS_VIEW)
OWN = right(Right.SETTINGS_VIEW).or_own()


def _own(column: str, description: str) -> Any:
    """A column that is for the operator themselves, and for who may see the settings."""

    async def resolve(operator: Parent[people.Operator]) -> str:
        return getattr(operator, column)

    return strawberry.field(resolver=resolve, extensions=[OWN], description=description)


@strawberry.type(description="A member of staff, as colleagues see them.")
class Operator(Node):
    id: strawberry.ID = global_id("Operator")
    name: str = strawberry.field(description="As colleagues call them.")
    email: str | None = strawberry.field(description="Where they sign in with.")
    active: bool = strawberry.field(description="Whether they may sign in.")
    language: str = _own("language", "Of the texts they are shown and sent (BCP 47).")
    time_zone: str = _own("time_zone", 'An IANA name; "today" is theirs.')
    signature: str = _own("signature", "Under their replies, where the department has it so.")

    @strawberry.field(graphql_type=ROLE, extensions=[OWN], description="What they may do.")
    async def role(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await info.context.loaders.roles.load(operator.role_id)

    @strawberry.field(
        graphql_type=DepartmentType | None,
        extensions=[OWN],
        description="Of tickets they open where nothing else says; null for their group's.",
    )
    async def default_department(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await _one(info.context.loaders.departments, operator.default_department_id)

    @strawberry.field(
        graphql_type=list[DepartmentType],
        extensions=[OWN],
        description="In person or through groups, by name; those below are theirs too.",
    )
    async def departments(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await operators.departments_of(info.context, operator)

    @strawberry.field(
        graphql_type=list[GroupType],
        extensions=[OWN],
        description="In person, by their role, or through other groups, by name.",
    )
    async def groups(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await operators.groups_of(info.context, operator)

    @strawberry.field(
        graphql_type=list[CHOICE],
        extensions=[OWN],
        description="Of every kind of notification, whether they want it.",
    )
    async def notifications(self, operator: Parent[people.Operator]) -> Any:
        return operators.choices_of(operator)

    @strawberry.field(
        graphql_type=list[API_TOKEN],
        extensions=[right(Right.ADMINISTER).or_own()],
        description="Their API tokens, the latest first; for a month after their expiry.",
    )
    async def api_tokens(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await info.context.loaders.api_tokens.load(operator.id)

    @strawberry.field(
        graphql_type=list[GRANT], extensions=[OWN], description="Categories they handle."
    )
    async def grants(self, operator: Parent[people.Operator], info: Info) -> Any:
        return await info.context.loaders.grants_of_operators.load(operator.id)

    assigned_tickets = tickets_of(TICKETS_OF_OPERATOR, "Assigned to them")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, people.Operator)


@strawberry.type(description="A named set of operators, to which tickets are assigned.")
class OperatorGroup(Node):
    id: strawberry.ID = global_id("Group")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(
        graphql_type=DepartmentType | None,
        extensions=[SETTINGS],
        description="Of tickets its members open, if they have none of their own.",
    )
    async def default_department(
        self, group: Parent[hierarchy.OperatorGroup], info: Info
    ) -> desk.Department | None:
        return await _one(info.context.loaders.departments, group.default_department_id)

    @strawberry.field(
        graphql_type=list[GROUP_MEMBER], extensions=[SETTINGS], description="Its definition."
    )
    async def members(self, group: Parent[hierarchy.OperatorGroup], info: Info) -> Any:
        return await info.context.loaders.lines_of_groups.load(group.id)

    @strawberry.field(
        graphql_type=list[Operator],
        extensions=[SETTINGS],
        description="Whoever is in it, through whatever line; inactive ones too.",
    )
    async def operators(self, group: Parent[hierarchy.OperatorGroup], info: Info) -> Any:
        return await info.context.loaders.operators_of_groups.load(group.id)

    tickets = tickets_of(TICKETS_OF_GROUP, "Assigned to it")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, hierarchy.OperatorGroup)


@strawberry.type(description="A rule, a deadline, a machine's mail: nobody in person.")
class Automation:
    name: str = strawberry.field(description="Which.")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, AutomationRow)


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

    @strawberry.field(
        graphql_type=DEPARTMENT_SETUP, extensions=[SETTINGS], description="How it is set up."
    )
    def setup(self, department: Parent[desk.Department]) -> Any:
        return department

    tickets = tickets_of(TICKETS_OF_DEPARTMENT, "In it, and in none below it")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, desk.Department)


@strawberry.type(description="Who handles a category.")
class CategoryCoverage:
    base: list[people.Operator] = strawberry.field(
        graphql_type=list[Operator], description="Active operators at level BASE."
    )
    advanced: list[people.Operator] = strawberry.field(
        graphql_type=list[Operator], description="Active operators at level ADVANCED."
    )
    warning: str | None = strawberry.field(description="What is wrong with it, in words.")
    in_limbo: bool = strawberry.field(
        description="In use, and no active operator handles it; rights to see all do not count."
    )


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

    description: str = strawberry.field(description="For contacts who choose.")
    visible: bool = strawberry.field(description="Contacts may choose it.")
    position: int = strawberry.field(description="Its place among siblings.")

    @strawberry.field(graphql_type=list[CategoryType], description="Those under it, in order.")
    async def children(self, category: Parent[desk.Category], info: Info) -> Any:
        return await info.context.loaders.children_of.load(category.id)

    @strawberry.field(
        graphql_type=list[GRANT], extensions=[SETTINGS], description="Who handles it."
    )
    async def grants(self, category: Parent[desk.Category], info: Info) -> Any:
        return await info.context.loaders.grants_of_categories.load(category.id)

    @strawberry.field(
        graphql_type=CategoryCoverage,
        extensions=[SETTINGS],
        description="Who handles it, by level, and whether somebody does.",
    )
    async def coverage(self, category: Parent[desk.Category], info: Info) -> Any:
        return await info.context.loaders.coverage(category)

    tickets = tickets_of(TICKETS_OF_CATEGORY, "In it, and in none under it")

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
