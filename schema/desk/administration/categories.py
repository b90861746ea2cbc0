"""Categories and their grants: made, changed, ordered, archived, deleted."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe, Parent

from models import desk
from models.enums import Level
from resolvers.administration import categories
from resolvers.administration.categories import AddGrant
from schema.core import Info, global_id
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeFlag,
    MaybeId,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.people import Category, Node, Operator
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted

NAME = "1 to 200 characters, no other's in the same place."
PARENT = "The category it is under; null for none."
DEPARTMENT = "Where it routes tickets to; null for nowhere."
IDS = {"parent_id": "Category", "department_id": "Department"}
CLEARABLE = frozenset(IDS)


@strawberry.type(description="That an operator handles a category, at one level.")
class CategoryGrant(Node):
    id: strawberry.ID = global_id("Grant")
    level: Level = strawberry.field(description="ADVANCED sees both levels, BASE base tickets.")

    @strawberry.field(graphql_type=Operator, description="Who.")
    async def operator(self, grant: Parent[desk.CategoryGrant], info: Info) -> Any:
        return await info.context.loaders.operators.load(grant.operator_id)

    @strawberry.field(graphql_type=Category, description="What.")
    async def category(self, grant: Parent[desk.CategoryGrant], info: Info) -> Any:
        return await info.context.loaders.categories.load(grant.category_id)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, desk.CategoryGrant)


@strawberry.input(description="A category to make.")
class CategoryCreateInput:
    name: MaybeText = strawberry.field(description=f"Required: {NAME}")
    description: MaybeText = strawberry.field(description="For contacts who choose.")
    parent_id: MaybeId = strawberry.field(description=PARENT)
    department_id: MaybeId = strawberry.field(description=DEPARTMENT)
    visible: MaybeFlag = strawberry.field(description="Contacts may choose it. Left out, yes.")
    initial_level: Maybe[Level | None] = strawberry.field(
        description="Of its tickets. Left out, BASE."
    )
    position: Maybe[int | None] = strawberry.field(
        description="Its place among siblings. Left out, 0, the first."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a category; what is left out stays.")
class CategoryUpdateInput:
    category_id: strawberry.ID = strawberry.field(description="Which.")
    name: MaybeText = strawberry.field(description=NAME)
    description: MaybeText = strawberry.field(description="For contacts who choose.")
    parent_id: MaybeId = strawberry.field(description=PARENT)
    department_id: MaybeId = strawberry.field(description=DEPARTMENT)
    visible: MaybeFlag = strawberry.field(description="Contacts may choose it.")
    initial_level: Maybe[Level | None] = strawberry.field(description="Of its tickets.")
    position: Maybe[int | None] = strawberry.field(description="Its place among siblings.")
    archived: MaybeFlag = strawberry.field(
        description="No longer in use: nobody chooses it, its tickets stay readable."
    )


@strawberry.input(description="A category to delete.")
class CategoryDeleteInput:
    category_id: strawberry.ID = strawberry.field(description="One that was never used.")


@strawberry.input(description="Categories of one place, in their new order.")
class CategoriesReorderInput:
    category_ids: list[strawberry.ID] = strawberry.field(description="All of them, in order.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="What they are under; null for the top."
    )


@strawberry.input(description="Who is to handle what.")
class CategoryGrantAddInput:
    operator_id: strawberry.ID = strawberry.field(description="Who.")
    category_id: strawberry.ID = strawberry.field(description="What.")
    level: Level = strawberry.field(description="At which level.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Another level for a grant.")
class CategoryGrantChangeInput:
    grant_id: strawberry.ID = strawberry.field(description="Which.")
    level: Level = strawberry.field(description="The new one.")


@strawberry.input(description="A grant to take away.")
class CategoryGrantRemoveInput:
    grant_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="Made.")
class CategoryCreated:
    category: desk.Category = strawberry.field(graphql_type=Category, description="The new one.")


@strawberry.type(description="Changed.")
class CategoryUpdated:
    category: desk.Category = strawberry.field(graphql_type=Category, description="As it is.")


@strawberry.type(description="Deleted.")
class CategoryDeleted:
    category_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="Ordered.")
class CategoriesReordered:
    categories: list[desk.Category] = strawberry.field(
        graphql_type=list[Category], description="In their new order."
    )


def _grant() -> Any:
    return strawberry.field(graphql_type=CategoryGrant, description="As it is.")


@strawberry.type(description="They handle it now.")
class CategoryGrantAdded:
    grant: desk.CategoryGrant = _grant()


@strawberry.type(description="Changed.")
class CategoryGrantChanged:
    grant: desk.CategoryGrant = _grant()


@strawberry.type(description="They handle it no more.")
class CategoryGrantRemoved:
    grant_id: strawberry.ID = strawberry.field(description="Which.")


CategoryCreateResult = Annotated[
    CategoryCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("CategoryCreateResult", description="Of categoryCreate."),
]
CategoryUpdateResult = Annotated[
    CategoryUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("CategoryUpdateResult", description="Of categoryUpdate."),
]
CategoryDeleteResult = Annotated[
    CategoryDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("CategoryDeleteResult", description="Of categoryDelete."),
]
CategoriesReorderResult = Annotated[
    CategoriesReordered | InvalidInput | NotPermitted,
    strawberry.union("CategoriesReorderResult", description="Of categoriesReorder."),
]
CategoryGrantAddResult = Annotated[
    CategoryGrantAdded | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("CategoryGrantAddResult", description="Of categoryGrantAdd."),
]
CategoryGrantChangeResult = Annotated[
    CategoryGrantChanged | NotFound | NotPermitted,
    strawberry.union("CategoryGrantChangeResult", description="Of categoryGrantChange."),
]
CategoryGrantRemoveResult = Annotated[
    CategoryGrantRemoved | NotFound | NotPermitted,
    strawberry.union("CategoryGrantRemoveResult", description="Of categoryGrantRemove."),
]


@strawberry.type(description="Changes of categories and grants.")
class CategoryMutations:
    @administration(CategoryCreateResult, "Make a category.")
    async def category_create(
        self, info: Info, input: Annotated[CategoryCreateInput, INPUT]
    ) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        made = await categories.create(info.context, fields, input.idempotency_key)
        return CategoryCreated(category=made)

    @administration(CategoryUpdateResult, "Change a category; it holds at once.")
    async def category_update(
        self, info: Info, input: Annotated[CategoryUpdateInput, INPUT]
    ) -> Any:
        fields = given(input, ids=IDS, clearable=CLEARABLE)
        id = local(input.category_id, "Category")
        return CategoryUpdated(category=await categories.update(info.context, id, fields))

    @administration(CategoryDeleteResult, "Delete a category that was never used.")
    async def category_delete(
        self, info: Info, input: Annotated[CategoryDeleteInput, INPUT]
    ) -> Any:
        await categories.delete(info.context, local(input.category_id, "Category"))
        return CategoryDeleted(category_id=input.category_id)

    @administration(CategoriesReorderResult, "Put the categories of one place in order.")
    async def categories_reorder(
        self, info: Info, input: Annotated[CategoriesReorderInput, INPUT]
    ) -> Any:
        parent = input.parent_id
        ids = [local(one, "Category") for one in input.category_ids]
        under = None if parent is None else local(parent, "Category")
        return CategoriesReordered(categories=await categories.reorder(info.context, under, ids))

    @administration(CategoryGrantAddResult, "Have an operator handle a category.")
    async def category_grant_add(
        self, info: Info, input: Annotated[CategoryGrantAddInput, INPUT]
    ) -> Any:
        request = AddGrant(
            local(input.operator_id, "Operator"),
            local(input.category_id, "Category"),
            input.level,
            input.idempotency_key,
        )
        return CategoryGrantAdded(grant=await categories.add_grant(info.context, request))

    @administration(CategoryGrantChangeResult, "Change the level of a grant.")
    async def category_grant_change(
        self, info: Info, input: Annotated[CategoryGrantChangeInput, INPUT]
    ) -> Any:
        id = local(input.grant_id, "Grant")
        return CategoryGrantChanged(
            grant=await categories.change_grant(info.context, id, input.level)
        )

    @administration(CategoryGrantRemoveResult, "Have an operator handle a category no more.")
    async def category_grant_remove(
        self, info: Info, input: Annotated[CategoryGrantRemoveInput, INPUT]
    ) -> Any:
        await categories.remove_grant(info.context, local(input.grant_id, "Grant"))
        return CategoryGrantRemoved(grant_id=input.grant_id)
