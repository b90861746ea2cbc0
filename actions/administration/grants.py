"""Category grants: which operator handles which category, at one level."""

from dataclasses import dataclass
from typing import Any

from actions.administration.editing import (
    Create,
    created,
    found,
    permitted,
    record_change,
    words,
)
from actions.administration.form import Form
from actions.operators import rights_changed
from models.callers import OperatorCaller
from models.desk import Category, CategoryGrant
from models.enums import Level, Right
from models.people import Operator

KIND = "Grant"


@dataclass(frozen=True)
class AddGrant:
    """Who is to handle what, at which level."""

    operator_id: int
    category_id: int
    level: Level
    idempotency_key: str | None = None


async def add(request: AddGrant, by: OperatorCaller) -> CategoryGrant:
    """Have an operator handle a category.

    Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict.
    """
    pair: dict[str, Any] = {
        "operator_id": request.operator_id,
        "category_id": request.category_id,
    }

    async def do() -> CategoryGrant:
        form = Form()
        await form.row(Operator, request.operator_id, "operatorId", "an operator")
        await form.row(Category, request.category_id, "categoryId", "a category")
        if await CategoryGrant.exists(**pair):
            form.wrong("categoryId", "They handle it already: change that grant's level instead.")
        form.check()
        made = await CategoryGrant.create(**pair, level=request.level)
        await _record(by, made, "create", None, request.level)
        return made

    what = Create(KIND, pair | {"level": request.level}, request.idempotency_key)
    return await created(by, Right.SETTINGS_WRITE, what, CategoryGrant, do)


async def change(id: int, level: Level, by: OperatorCaller) -> CategoryGrant:
    """Another level. Raises NotFound, NotPermitted."""

    async def do() -> CategoryGrant:
        grant = await found(CategoryGrant, id)
        if grant.level is not level:
            before, grant.level = grant.level, level
            await grant.save(update_fields=["level"])
            await _record(by, grant, "update", before, level)
        return grant

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def remove(id: int, by: OperatorCaller) -> CategoryGrant:
    """Have the operator handle it no more. Raises NotFound, NotPermitted."""

    async def do() -> CategoryGrant:
        grant = await found(CategoryGrant, id)
        await take_away(grant, by)
        return grant

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def take_away(grant: CategoryGrant, by: OperatorCaller) -> None:
    """Within a change of the desk: with its line in the log."""
    await _record(by, grant, "delete", grant.level, None)
    await grant.delete()


async def _record(
    by: OperatorCaller, grant: CategoryGrant, verb: str, was: Level | None, now: Level | None
) -> None:
    """The line of the log names both sides: the row itself has no name."""
    operator = await Operator.get(id=grant.operator_id)
    category = await Category.get(id=grant.category_id)
    changes = [
        ("operator", operator.name if was else None, operator.name if now else None),
        ("category", category.name if was else None, category.name if now else None),
        ("level", words(was), words(now)),
    ]
    if verb == "update":
        changes = [("operator", operator.name, operator.name), *changes[1:]]
    await record_change(by, KIND, grant, verb, changes)
    await rights_changed()
