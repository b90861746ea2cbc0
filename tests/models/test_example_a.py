"""Worked example A: a call centre and two groups."""

from models import rows
from models.enums import Right, TicketAction, TicketSharing
from models.sight import Sight
from models.sights import sight_of
from models.tickets import Ticket
from tests.models import organisations_table
from tests.models.organisations import Line, Organisation
from tests.models.tickets import saved, ticket

SUPERVISOR, MANAGER_A, MANAGER_B, TECHNICIAN_A, TECHNICIAN_B, CALL_CENTRE = range(201, 207)
PEOPLE = {
    "supervisor": SUPERVISOR,
    "manager A": MANAGER_A,
    "manager B": MANAGER_B,
    "technician A": TECHNICIAN_A,
    "technician B": TECHNICIAN_B,
    "caller": CALL_CENTRE,
    "other caller": CALL_CENTRE,
}
ID = {name: 301 + place for place, name in enumerate(PEOPLE)}
CALLERS, GROUP_A, GROUP_B = 401, 402, 403
WRITES = {Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.CONTACTS_VIEW, Right.CONTACTS_WRITE}
EVERYTHING = WRITES | {Right.TICKETS_DELETE, Right.CONTACTS_DELETE}
READS = {Right.TICKETS_VIEW, Right.CONTACTS_VIEW}


def example() -> Organisation:
    return Organisation(
        restricted=False,
        sharing=TicketSharing.PRIVATE,
        roles={
            SUPERVISOR: None,
            MANAGER_A: SUPERVISOR,
            MANAGER_B: SUPERVISOR,
            CALL_CENTRE: SUPERVISOR,
            TECHNICIAN_A: MANAGER_A,
            TECHNICIAN_B: MANAGER_B,
        },
        rights={
            SUPERVISOR: EVERYTHING,
            MANAGER_A: EVERYTHING,
            MANAGER_B: EVERYTHING,
            CALL_CENTRE: WRITES,
            TECHNICIAN_A: READS,
            TECHNICIAN_B: READS,
        },
        operators={ID[name]: role for name, role in PEOPLE.items()},
        groups={
            CALLERS: [Line(role=CALL_CENTRE)],
            GROUP_A: [Line(role=MANAGER_A), Line(role=TECHNICIAN_A), Line(group=CALLERS)],
            GROUP_B: [Line(role=MANAGER_B), Line(role=TECHNICIAN_B), Line(group=CALLERS)],
        },
    )


def opened(by: str, group: int | None = None) -> Ticket:
    return ticket(creator_id=ID[by], assignee_group_id=group)


async def seen_by(one: Ticket) -> set[str]:
    await saved(one)
    seeing: set[str] = set()
    for name, id in ID.items():
        sight = await sight_of(id)
        found = await rows.ticket(sight.condition(), one.id)
        assert sight.sees(one) is (found is not None), name
        if found is not None:
            seeing.add(name)
    return seeing


async def test_who_sees(database: None) -> None:
    await organisations_table.save(example())
    team_a = {"manager A", "technician A", "caller", "other caller", "supervisor"}
    assert await seen_by(opened("technician B")) == {"technician B", "manager B", "supervisor"}
    assert await seen_by(opened("caller")) == {"caller", "supervisor"}
    assert await seen_by(opened("caller", GROUP_A)) == team_a
    assert await seen_by(opened("manager A")) == {"manager A", "supervisor"}
    assert await seen_by(opened("technician B", GROUP_A)) == team_a | {"technician B"}


async def test_who_acts(database: None) -> None:
    await organisations_table.save(example())
    third = opened("caller", GROUP_A)

    async def may(name: str) -> set[TicketAction]:
        sight: Sight = await sight_of(ID[name])
        assert sight.sees(third)
        return {action for action in TicketAction if sight.may(action, third)}

    assert await may("technician A") == {TicketAction.VIEW}
    everything = set(TicketAction) - {TicketAction.TAKE_OVER_LOCK}
    assert await may("manager A") == everything
    assert await may("other caller") == everything - {TicketAction.DELETE}
    assert (await sight_of(ID["caller"])).has(Right.CONTACTS_WRITE)
    assert not (await sight_of(ID["technician A"])).has(Right.CONTACTS_WRITE)
