"""The next ticket: the one that has waited longest, of those the caller may take."""

import asyncio

import pytest

from actions import tickets
from actions.refusals import NothingToTake, NotPermitted
from actions.tickets.requests import Assign, Close, Post, Reply
from models.desk import Department, DepartmentGroup, DepartmentOperator
from models.enums import Right, TicketSharing
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def next_of(name: str, department: int | None = None) -> int:
    return (await tickets.take_next(department, by=await stage.operator(name))).id


async def nothing_for(name: str, department: int | None = None) -> None:
    with pytest.raises(NothingToTake):
        await next_of(name, department)


async def test_the_oldest_first_and_each_once() -> None:
    first, second, third = [await stage.opened() for _ in range(3)]
    await tickets.post(Post(first, "ancora"), await stage.contact("mario"))
    assert [await next_of("anna"), await next_of("bruno"), await next_of("anna")] == [
        second,
        third,
        first,
    ]
    await nothing_for("anna")
    anna = await stage.operator("anna")
    assert (await stage.row(second)).assignee_operator_id == anna.id
    assert await stage.events(second) == [("ASSIGNED", [["assignee", None, "Anna"]])]


async def test_what_is_not_for_the_taking() -> None:
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    theirs, answered, closed, elsewhere, held = [await stage.opened() for _ in range(5)]
    await tickets.assign(Assign(theirs, ("operator", bruno.id)), bruno)
    await tickets.reply(Reply(answered, "ecco"), bruno)
    await tickets.close(Close(closed), bruno)
    await Ticket.filter(id=elsewhere).update(department_id=await stage.department("Patronato"))
    await stage.locked(held, bruno)
    await stage.opened(topic=stage.ISEE)
    await nothing_for("anna")
    await stage.expire(held)
    assert await next_of("anna") == held
    await stage.locked(answered, anna)
    await tickets.post(Post(answered, "e ora?"), await stage.contact("mario"))
    await nothing_for("anna")  # held, if by herself


async def test_a_groups_ticket_is_its_members_to_take() -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    await tickets.assign(Assign(id, ("group", await stage.group())), bruno)
    await nothing_for("admin")
    assert await next_of("anna") == id
    row = await stage.row(id)
    assert row.assignee_group_id is None
    assert (await stage.events(id))[-1] == ("ASSIGNED", [["assignee", "Sportello", "Anna"]])


async def test_only_of_departments_offered_and_of_the_one_asked_for() -> None:
    id = await stage.opened()
    immigrazione, fiscale = (
        await stage.department("Immigrazione"),
        await stage.department("Fiscale"),
    )
    await nothing_for("anna", fiscale)
    await nothing_for("anna", 999)
    await Department.filter(id=immigrazione).update(offered_for_solving=False)
    await stage.changed()
    await nothing_for("anna", immigrazione)
    await Department.filter(id=immigrazione).update(offered_for_solving=True)
    assert await next_of("anna", immigrazione) == id


async def test_where_members_only_are_assignees() -> None:
    id = await stage.opened()
    await Department.filter(name="Immigrazione").update(assignees_members_only=True)
    await stage.changed()
    await nothing_for("admin")
    assert await next_of("anna") == id


async def test_nobody_without_the_right() -> None:
    await stage.opened()
    await nothing_for("carla")
    await stage.let("anna", Right.TICKETS_VIEW)
    with pytest.raises(NotPermitted):
        await next_of("anna")


async def test_as_many_at_once_as_there_are_tickets() -> None:
    ids = [await stage.opened() for _ in range(6)]
    people = [await stage.operator(name) for name in ("anna", "bruno") for _ in range(4)]
    answers = await asyncio.gather(
        *(tickets.take_next(None, one) for one in people), return_exceptions=True
    )
    taken = [one.id for one in answers if isinstance(one, Ticket)]
    assert sorted(taken) == ids
    assert [type(one) for one in answers if not isinstance(one, Ticket)] == [NothingToTake] * 2
    for id in ids:
        assert (await stage.row(id)).seq == 2


async def test_one_that_is_seen_only_does_not_hide_the_next() -> None:
    """Under PUBLIC_READ others' tickets are seen but not to be changed."""
    await stage.changed(ticket_sharing=TicketSharing.PUBLIC_READ, restrict_to_departments=False)
    await stage.opened()
    mine = await stage.opened(topic=stage.ISEE)
    await Department.all().update(offered_for_solving=True)
    await stage.changed()
    assert await next_of("dino") == mine
    await nothing_for("dino")


async def test_nor_does_one_a_guest_may_only_answer() -> None:
    fiscale = await stage.department("Fiscale")
    await Department.filter(id=fiscale).update(limited_view=True, offered_for_solving=True)
    await DepartmentGroup.create(department_id=fiscale, group_id=await stage.group(), public=True)
    await stage.changed()
    anna = await stage.operator("anna")
    guests = await stage.opened()
    await Ticket.filter(id=guests).update(department_id=fiscale, creator_id=anna.id)
    mine = await stage.opened()
    assert await next_of("anna") == mine
    await nothing_for("anna")
    await DepartmentOperator.create(department_id=fiscale, operator_id=anna.id)
    await stage.changed()
    assert await next_of("anna") == guests
