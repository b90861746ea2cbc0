"""Whose a ticket is."""

import pytest

from actions import tickets
from actions.refusals import AssigneeCannotSee, InvalidInput
from actions.tickets import Assigned
from actions.tickets.requests import Assign
from models.desk import Department, DepartmentOperator
from models.enums import Level
from models.hierarchy import GroupMember, OperatorGroup
from models.people import Operator
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def assign(id: int, kind: str | None, who: int = 0, by: str = "bruno") -> Assigned:
    assignee = None if kind is None else (kind, who)
    return await tickets.assign(Assign(id, assignee), await stage.operator(by))


async def group_of(*names: str) -> int:
    group = await OperatorGroup.create(name=" ".join(names))
    for name in names:
        member = await stage.operator(name)
        await GroupMember.create(group_id=group.id, operator_id=member.id)
    await stage.changed()
    return group.id


async def test_to_an_operator_a_group_and_nobody() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await assign(id, "operator", anna.id)
    assert (await stage.row(id)).assignee_operator_id == anna.id
    await assign(id, "group", await stage.group())
    row = await stage.row(id)
    assert (row.assignee_operator_id, row.assignee_group_id) == (None, await stage.group())
    await assign(id, None)
    row = await stage.row(id)
    assert (row.assignee_operator_id, row.assignee_group_id) == (None, None)
    await assign(id, None)
    assert await stage.events(id) == [
        ("ASSIGNED", [["assignee", None, "Anna"]]),
        ("ASSIGNED", [["assignee", "Anna", "Sportello"]]),
        ("ASSIGNED", [["assignee", "Sportello", None]]),
    ]


async def test_a_group_is_told_who_of_it_will_not_see() -> None:
    id = await stage.opened()
    mixed = await group_of("carla", "bruno", "dino")
    done = await assign(id, "group", mixed)
    assert [one.name for one in done.cannot_see] == ["Carla"]
    assert (await stage.row(id)).assignee_group_id == mixed
    again = await assign(id, "group", mixed)
    assert [one.name for one in again.cannot_see] == ["Carla"]
    assert len(await stage.events(id)) == 1


async def test_who_would_not_see_it_does_not_get_it() -> None:
    id = await stage.opened()
    blind = await group_of("carla")
    carla, dino = await stage.operator("carla"), await stage.operator("dino")
    for kind, who, name in (("operator", carla.id, "Carla"), ("group", blind, "carla")):
        with pytest.raises(AssigneeCannotSee) as caught:
            await assign(id, kind, who)
        assert caught.value.assignee.name == name
    with pytest.raises(AssigneeCannotSee):
        await assign(id, "group", await group_of())
    await assign(id, "operator", dino.id)  # the assignment opens the department's gate
    assert dino.sight.sees(await stage.row(id))


async def test_nobody_inactive_or_unknown() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await Operator.filter(id=anna.id).update(active=False)
    await stage.changed()
    for kind, who in (("operator", anna.id), ("operator", 0), ("group", 0), ("", 1)):
        with pytest.raises(InvalidInput):
            await assign(id, kind, who)
    only = await group_of("anna")
    with pytest.raises(AssigneeCannotSee):
        await assign(id, "group", only)


async def test_members_only() -> None:
    id, dino, bruno = (
        await stage.opened(),
        await stage.operator("dino"),
        await stage.operator("bruno"),
    )
    outsiders = await group_of("dino", "admin")
    await Department.filter(name="Immigrazione").update(assignees_members_only=True)
    await stage.changed()
    for kind, who in (("operator", dino.id), ("group", outsiders)):
        with pytest.raises(InvalidInput):
            await assign(id, kind, who)
    await assign(id, "operator", bruno.id)
    await assign(id, "group", await stage.group())
    immigrazione = await stage.department("Immigrazione")
    await DepartmentOperator.create(department_id=immigrazione, operator_id=dino.id)
    await stage.changed()
    await assign(id, "operator", dino.id)


async def test_letting_go_of_what_only_the_assignment_showed() -> None:
    id, dino = await stage.opened(), await stage.operator("dino")
    await assign(id, "operator", dino.id)
    token = await stage.locked(id, dino)
    done = await assign(id, None, by="dino")
    assert not done.moved.in_sight
    row = await stage.row(id)
    assert (row.lock_holder_id, row.lock_token) == (None, int(token))


async def test_a_ticket_beyond_the_members_level() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await Ticket.filter(id=id).update(level=Level.ADVANCED)
    with pytest.raises(AssigneeCannotSee):
        await assign(id, "operator", anna.id)
    done = await assign(id, "group", await stage.group())
    assert [one.name for one in done.cannot_see] == ["Anna"]
