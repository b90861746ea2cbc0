"""A closed conversation goes on in a new ticket."""

import pytest

from actions import tickets
from actions.refusals import InvalidInput, NotFound
from actions.tickets.requests import ChangeCategory, Close, ContactOpen, Open
from models.desk import Category
from models.enums import Level
from models.people import Organisation
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def closed(by: str = "mario") -> int:
    id = await stage.opened(by)
    await tickets.close(Close(id), await stage.operator("bruno"))
    return id


async def follow(id: int, name: str = "mario") -> Ticket:
    request = ContactOpen("Ancora", "testo", follow_up_of_id=id)
    return (await tickets.open_by_contact(request, await stage.contact(name))).ticket


async def test_a_contact_goes_on_where_it_ended() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    interno = ChangeCategory(id, await stage.category(stage.INTERNO))
    await tickets.change_category(interno, admin)
    await Ticket.filter(id=id).update(level=Level.ADVANCED, assignee_operator_id=admin.id)
    await tickets.close(Close(id), admin)
    before = await stage.row(id)
    ticket = await follow(id)
    assert (ticket.follow_up_of_id, ticket.department_id, ticket.category_id, ticket.level) == (
        id,
        before.department_id,
        before.category_id,
        Level.ADVANCED,
    )
    assert ticket.chosen_category_id == await stage.category(stage.RINNOVO)
    assert (ticket.assignee_operator_id, ticket.assignee_group_id) == (None, None)
    after = await stage.row(id)
    assert (after.seq, after.revision) == (before.seq + 1, before.revision + 1)
    assert (after.updated_at, after.visible_at) == (before.updated_at, before.visible_at)
    assert (await stage.told(id))[-1] == (after.seq, "FOLLOW_UP_OPENED", "CLOSED")
    assert (await stage.events(id))[-1][1] == [["followUp", None, f"#{ticket.id} Ancora"]]


async def test_not_of_an_open_or_a_foreign_one() -> None:
    with pytest.raises(InvalidInput):
        await follow(await stage.opened())
    foreign = await closed("giulia")
    for id in (foreign, 999):
        with pytest.raises(NotFound):
            await follow(id)


async def test_a_colleagues_while_the_organisation_shares() -> None:
    id = await closed("sara")
    assert (await follow(id, "samuel")).contact_id == (await stage.contact("samuel")).id
    await Organisation.all().update(shares_tickets=False)
    await stage.changed()
    with pytest.raises(NotFound):
        await follow(id, "samuel")


async def test_an_operator_opens_one_on_purpose() -> None:
    id, anna = await closed(), await stage.operator("anna")
    request = Open("Ancora", "testo", contact_email="mario@demo.test", follow_up_of_id=id)
    ticket = (await tickets.open_for(request, anna)).ticket
    assert (ticket.follow_up_of_id, ticket.category_id) == (
        id,
        await stage.category(stage.RINNOVO),
    )
    assert (await stage.events(id))[-1][0] == "FOLLOW_UP_OPENED"
    others = Open("Ancora", "testo", contact_email="giulia@demo.test", follow_up_of_id=id)
    with pytest.raises(InvalidInput):
        await tickets.open_for(others, anna)
    open_one = await stage.opened()
    with pytest.raises(InvalidInput):
        await tickets.open_for(
            Open("A", "b", contact_email="mario@demo.test", follow_up_of_id=open_one), anna
        )


async def test_an_archived_category_is_kept() -> None:
    id = await closed()
    await Category.filter(name=stage.RINNOVO).update(archived=True)
    assert (await follow(id)).category_id == await stage.category(stage.RINNOVO)
    anna = await stage.operator("anna")
    request = Open("Ancora", "testo", contact_email="mario@demo.test", follow_up_of_id=id)
    assert (await tickets.open_for(request, anna)).ticket.category_id is not None
