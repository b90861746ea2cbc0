"""What a guest may do in a department with limited view: reply and edit fields, no more."""

import pytest

from actions import tickets
from actions.refusals import NotPermitted
from actions.tickets.requests import Close, Open, Reply
from models.callers import OperatorCaller
from models.desk import Category, Department, DepartmentGroup
from models.hierarchy import GroupMember, OperatorGroup
from models.people import Operator
from models.sights import sight_of

pytestmark = pytest.mark.usefixtures("database")


async def test_replying_is_not_a_way_to_close() -> None:
    carla = await Operator.get(email="carla@demo.test")
    fiscale = await Department.get(name="Fiscale")
    await Department.filter(id=fiscale.id).update(limited_view=True)
    group = await OperatorGroup.create(name="Ospiti")
    await GroupMember.create(group_id=group.id, operator_id=carla.id)
    await DepartmentGroup.create(department_id=fiscale.id, group_id=group.id, public=True)
    guest = OperatorCaller(carla, 1, await sight_of(carla.id))
    isee = await Category.get(name="ISEE")
    request = Open("Da ospite", "testo", contact_email="mario@demo.test", category_id=isee.id)
    id = (await tickets.open_for(request, by=guest)).ticket.id
    with pytest.raises(NotPermitted):
        await tickets.close(Close(id), by=guest)
    with pytest.raises(NotPermitted):
        await tickets.reply(Reply(id, "fine", close_after_sending=True), by=guest)
    assert (await tickets.reply(Reply(id, "ecco"), by=guest)).ticket.closed is False
