"""Where a ticket goes is deleted while it is opened, moved or assigned: refused, never a fault."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tortoise.models import Model

from actions import tickets
from actions.refusals import InvalidInput, NotFound
from actions.tickets.requests import Assign, ChangeCategory, ContactOpen, Open, Transfer
from actions.unit_of_work import unit_of_work
from models.desk import Category, CategoryGrant, Department
from models.hierarchy import GroupMember, OperatorGroup
from models.sql import connection, is_postgres
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")
WAITING = """
    SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def while_deleting(row: Model, act: Callable[[], Awaitable[Any]]) -> None:
    """Start `act` when the row's deletion has been written, and commit when `act` waits for it."""
    written, waited = asyncio.Event(), asyncio.Event()

    async def do() -> None:
        await row.delete()
        written.set()
        await waited.wait()

    deleting = asyncio.create_task(unit_of_work(do))
    await written.wait()
    acting = asyncio.ensure_future(act())
    for _ in range(1_000):
        if not is_postgres() or acting.done():
            break  # on SQLite whoever writes waits for the other
        if (await connection().execute_query_dict(WAITING))[0]["n"]:
            break
        await asyncio.sleep(0.01)
    waited.set()
    await deleting
    await acting


async def refused(act: Awaitable[Any], path: str) -> None:
    """InvalidInput that names the field."""
    with pytest.raises(InvalidInput) as caught:
        await act
    assert caught.value.fields[0].path == (path,)


async def empty_category(name: str) -> Category:
    """One that both sides may open in, and nothing was ever put into."""
    made = await Category.create(name=name)
    anna = await stage.operator("anna")
    await CategoryGrant.create(operator_id=anna.id, category_id=made.id)
    await stage.changed()
    return made


@pytest.mark.parametrize("by_contact", [True, False])
async def test_a_category_as_it_is_opened_in(by_contact: bool) -> None:
    anna, mario = await stage.operator("anna"), await stage.contact("mario")
    id = (category := await empty_category("Nuova")).id

    async def opened() -> None:
        theirs = ContactOpen("S", "b", category_id=id)
        ours = Open("S", "b", contact_id=mario.id, category_id=id)
        opening = tickets.open_by_contact(theirs, mario) if by_contact else None
        await refused(opening or tickets.open_for(ours, anna), "categoryId")

    await while_deleting(category, opened)
    assert await Ticket.all().count() == 0


async def test_a_department_as_it_is_opened_in_and_transferred_to() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    mario = await stage.contact("mario")
    category = await stage.category(stage.INTERNO)
    first, second = [await Department.create(name=name) for name in ("Uno", "Due")]
    await stage.changed()
    before = stage.columns(await stage.row(id))

    async def opened() -> None:
        request = Open("S", "b", contact_id=mario.id, category_id=category, department_id=first.id)
        await refused(tickets.open_for(request, admin), "departmentId")

    async def transferred() -> None:
        with pytest.raises(NotFound):
            await tickets.transfer(Transfer(id, second.id), admin)

    await while_deleting(first, opened)
    await while_deleting(second, transferred)
    assert stage.columns(await stage.row(id)) == before


async def test_a_category_as_a_ticket_is_put_into_it_and_a_group_as_it_is_given_it() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    category = await empty_category("Nuova")
    group = await OperatorGroup.create(name="Nuovo")
    await GroupMember.create(group_id=group.id, operator_id=admin.id)
    await stage.changed()
    before = stage.columns(await stage.row(id))

    async def moved() -> None:
        await refused(tickets.change_category(ChangeCategory(id, category.id), admin), "categoryId")

    async def assigned() -> None:
        await refused(tickets.assign(Assign(id, ("group", group.id)), admin), "assigneeId")

    await while_deleting(category, moved)
    await while_deleting(group, assigned)
    assert stage.columns(await stage.row(id)) == before
