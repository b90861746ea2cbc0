"""Worked example B of the permissions, on the demo's own tickets."""

import pytest

from actions import tickets
from actions.refusals import NotPermitted
from actions.tickets.requests import Open
from models.callers import OperatorCaller
from models.desk import Category, CategoryGrant, Department, DepartmentOperator, Desk
from models.enums import Level, Right, SystemEventKind, TicketSharing, Turn
from models.people import Contact, Operator
from models.sights import sight_of
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.demo.desks import Loaded

pytestmark = pytest.mark.xdist_group("demo")

NAMES = ("anna", "bruno", "carla", "dino")


async def caller(name: str) -> OperatorCaller:
    operator = await Operator.get(email=f"{name}@demo.test")
    return OperatorCaller(operator, 0, await sight_of(operator.id))


async def renewals() -> list[Ticket]:
    category = await Category.get(name="Rinnovo permesso")
    return await Ticket.filter(category_id=category.id).exclude(turn=Turn.CLOSED)


async def seen_by(ticket: Ticket) -> list[bool]:
    return [(await caller(name)).sight.sees(ticket) for name in NAMES]


async def test_the_desk_is_the_example(desk: Loaded) -> None:
    settings = await Desk.get(id=1)
    assert settings.restrict_to_departments
    assert settings.ticket_sharing is TicketSharing.PUBLIC_WRITE
    patronato = await Department.get(name="Patronato")
    immigrazione = await Department.get(name="Immigrazione")
    assert immigrazione.parent_id == patronato.id
    assert (await Department.get(name="Fiscale")).parent_id is None
    renewal = await Category.get(name="Rinnovo permesso")
    assert renewal.department_id == immigrazione.id
    assert renewal.parent_id == (await Category.get(name="Immigrazione")).id


@pytest.mark.parametrize(
    ("name", "department", "level"),
    [
        ("anna", "Patronato", Level.BASE),
        ("bruno", "Immigrazione", Level.ADVANCED),
        ("carla", "Patronato", None),
        ("dino", "Fiscale", Level.ADVANCED),
    ],
)
async def test_memberships_and_grants(
    desk: Loaded, name: str, department: str, level: Level | None
) -> None:
    me = (await caller(name)).operator
    joined = await DepartmentOperator.filter(operator_id=me.id)
    assert [one.department_id for one in joined] == [(await Department.get(name=department)).id]
    grants = {one.category_id: one.level for one in await CategoryGrant.filter(operator_id=me.id)}
    assert grants.get((await Category.get(name="Rinnovo permesso")).id) is level
    assert bool(grants) is (level is not None)


async def test_base(desk: Loaded) -> None:
    dino = (await caller("dino")).id
    found = [
        one
        for one in await renewals()
        if one.level is Level.BASE and one.assignee_operator_id != dino
    ]
    assert found
    for ticket in found:
        assert await seen_by(ticket) == [True, True, False, False]


async def test_advanced(desk: Loaded) -> None:
    found = [one for one in await renewals() if one.level is Level.ADVANCED]
    assert found
    for ticket in found:
        assert await seen_by(ticket) == [False, True, False, False]


async def test_base_assigned_by_an_administrator_to_dino(desk: Loaded) -> None:
    dino, admin = await caller("dino"), await caller("admin")
    (ticket,) = [one for one in await renewals() if one.assignee_operator_id == dino.id]
    assert ticket.level is Level.BASE
    (event,) = await TimelineEntry.filter(ticket_id=ticket.id, event=SystemEventKind.ASSIGNED)
    assert event.operator_id == admin.id
    assert await seen_by(ticket) == [True, True, False, True]


async def test_dino_may_not_open_one(desk: Loaded) -> None:
    renewal = await Category.get(name="Rinnovo permesso")
    mario = await Contact.get(email="mario.rossi@demo.test")
    before = await Ticket.all().count()
    request = Open("Rinnovo", "<p>…</p>", contact_id=mario.id, category_id=renewal.id)
    with pytest.raises(NotPermitted):
        await tickets.open_for(request, await caller("dino"))
    assert await Ticket.all().count() == before


async def test_anna_raised_a_level_out_of_her_own_sight(desk: Loaded) -> None:
    anna = await caller("anna")
    giulia = await Contact.get(email="giulia.verdi@demo.test")
    raised = await TimelineEntry.filter(
        event=SystemEventKind.LEVEL_CHANGED,
        operator_id=anna.id,
        ticket_id__in=[one.id for one in await renewals() if one.contact_id == giulia.id],
    )
    assert raised


async def test_everybody_has_something_to_do(desk: Loaded) -> None:
    waiting = await Ticket.filter(turn=Turn.OPERATOR)
    for name in NAMES:
        sight = (await caller(name)).sight
        assert sum(sight.sees(ticket) for ticket in waiting) >= 3, name


async def test_profiles(desk: Loaded) -> None:
    extra = {Right.TAKE_OVER_LOCK, Right.TICKETS_DELETE}
    for name in ("anna", "carla", "dino"):
        rights = (await caller(name)).sight.rights
        assert {Right.TICKETS_VIEW, Right.TICKETS_WRITE} <= rights
        assert not rights & extra
    assert extra <= (await caller("bruno")).sight.rights
    assert (await caller("admin")).sight.unrestricted
