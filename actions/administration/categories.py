"""Categories: what tickets are about, where they route to, and who may choose them."""

from collections.abc import Sequence
from typing import TypedDict

from tortoise.exceptions import IntegrityError

from actions.administration import grants
from actions.administration.editing import (
    Create,
    Edit,
    created,
    found,
    permitted,
    record_change,
    removed,
)
from actions.administration.form import Form
from actions.refusals import invalid
from models.callers import OperatorCaller
from models.desk import Category, CategoryGrant, Department
from models.enums import Level, Right
from models.tickets import Ticket

KIND = "Category"
IN_USE = "It is in use: archive it instead."


class CategoryFields(TypedDict, total=False):
    """What is given of a category."""

    name: str
    description: str
    parent_id: int | None
    visible: bool
    department_id: int | None
    initial_level: Level
    archived: bool
    position: int


async def create(fields: CategoryFields, key: str | None, by: OperatorCaller) -> Category:
    """A new category. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> Category:
        return await _write(Category(name="", parent_id=None), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, Category, do)


async def update(id: int, fields: CategoryFields, by: OperatorCaller) -> Category:
    """Change what is given; `archived` takes it out of use and leaves its tickets readable.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Category:
        return await _write(await found(Category, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Category:
    """Delete one that nothing was ever put into. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Category:
        category = await found(Category, id)
        if await Category.exists(parent_id=id):
            raise invalid("categoryId", "Categories are under this one: move them first.")
        if await Ticket.exists(category_id=id) or await Ticket.exists(chosen_category_id=id):
            raise invalid("categoryId", IN_USE)
        for grant in await CategoryGrant.filter(category_id=id).order_by("id"):
            await grants.take_away(grant, by)
        try:
            await removed(by, category, KIND)
        except IntegrityError:  # a ticket came in between: the database has the last word
            raise invalid("categoryId", IN_USE) from None
        return category

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def reorder(parent_id: int | None, ids: Sequence[int], by: OperatorCaller) -> list[Category]:
    """Put all categories under one parent, or at the top, into this order.

    Raises NotPermitted, InvalidInput unless each is named, once.
    """

    async def do() -> list[Category]:
        form = Form()
        await form.row(Category, parent_id, "parentId", "a category")
        form.check()
        siblings = {one.id: one for one in await Category.filter(parent_id=parent_id)}
        if sorted(ids) != sorted(siblings):
            raise invalid("categoryIds", "Name each category of this place once, in order.")
        for position, id in enumerate(ids):
            one = siblings[id]
            if one.position != position:
                change = ("position", str(one.position), str(position))
                one.position = position
                await one.save(update_fields=["position"])
                await record_change(by, KIND, one, "update", [change])
        return [siblings[id] for id in ids]

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _write(
    category: Category, fields: CategoryFields, by: OperatorCaller, verb: str
) -> Category:
    form, edit = Form(), Edit(category, KIND)
    if "parent_id" in fields:
        parent = await form.row(Category, fields["parent_id"], "parentId", "a category")
        await form.place_in_tree(Category, category, parent.id if parent else None)
        await edit.link("parent_id", Category, parent)
    if {"name", "parent_id"} & fields.keys() or edit.new:
        name = form.name(fields.get("name", category.name))
        await form.unused_name(Category, category, name, parent_id=category.parent_id)
        edit.set("name", name)
    if "department_id" in fields:
        wanted = fields["department_id"]
        department = await form.row(Department, wanted, "departmentId", "a department")
        await edit.link("department_id", Department, department)
    if "description" in fields:
        edit.set("description", form.text(fields["description"], "description"))
    if "position" in fields:
        edit.set("position", form.within(fields["position"], "position", 0, 1_000_000))
    plain = ("visible", "initial_level", "archived")
    edit.set_all({name: value for name, value in fields.items() if name in plain})
    form.check()
    return await edit.commit(by, verb, rights=True)
