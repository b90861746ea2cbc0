"""Lists, counters and contacts' tickets: state before + frames = fresh query."""

from itertools import cycle
from typing import Any

import pytest

from models.people import Organisation
from tests.live.cases import DESK_CASES, Cast, MakeCase
from tests.live.client_cases import CLIENT_CASES
from tests.live.screens import (
    FULL,
    CountersScreen,
    Filter,
    ListScreen,
    MyScreen,
    Screen,
    moved,
    opened,
)
from tests.live.stage import Person, Stage
from tests.support.site import category, gid

pytestmark = pytest.mark.usefixtures("quick_viewers", "quick_lists")


async def filters(admin: Person) -> list[Filter]:
    acme = await Organisation.get(name="Acme")
    return [
        {"open": True, "turn": ["OPERATOR"]},
        {"categoryId": [await category(admin.client, "Immigrazione")]},
        {"level": "BASE", "assignee": {"nobody": True}},
        {"assignee": {"me": True, "myGroups": True}},
        {"search": "permes"},
        {"unread": True},
        {"organisationId": [gid("Organisation", acme.id)]},
        {"departmentId": [gid("Department", 1), gid("Department", 3)]},
        {"tag": ["a"], "priority": ["HIGH"]},
        {"hasAttachments": True, "open": False},
    ]


async def screens(cast: Cast, admin: Person, dino: Person) -> list[Screen]:
    """Everybody's whole list, and each filter on two screens."""
    people = (cast.anna, cast.bruno, cast.carla, dino, admin)
    in_turn = cycle((cast.bruno, cast.anna, admin, cast.bruno, cast.carla, cast.anna, dino))
    lists: list[tuple[Filter, Person]] = [({}, one) for one in people]
    lists += [(one, next(in_turn)) for one in await filters(admin) for _ in range(2)]
    counted: list[tuple[Filter, Person]] = [
        ({}, cast.anna),
        ({"unread": True}, cast.bruno),
        ({"level": "BASE"}, admin),
    ]
    return [
        MyScreen(cast.sara),
        MyScreen(cast.samuel),
        *(ListScreen(person, one, FULL) for one, person in lists),
        *(CountersScreen(person, one) for one, person in counted),
    ]


@pytest.mark.property
@pytest.mark.timeout(600)
@pytest.mark.parametrize("cases", [DESK_CASES, CLIENT_CASES], ids=["desk", "client"])
async def test_frames_add_up(
    stage: Stage, cases: dict[str, MakeCase], subtests: pytest.Subtests
) -> None:
    cast = await Cast.on(stage)
    admin, dino = await stage.person("admin"), await stage.person("dino")
    shown = await screens(cast, admin, dino)
    await opened(stage, *shown)
    for name, make in cases.items():
        case = await make(cast)
        await moved(stage, *shown, compare=False)
        with subtests.test(name):
            await case.act()
            await moved(stage, *shown)
            mine = [len(one.frames) for one in shown if isinstance(one, MyScreen)]
            assert mine == [_told_of(name, case.contacts)] * 2


def _told_of(name: str, contacts: list[str]) -> int:
    """Contacts are told of what they can see: once, however many entries it makes."""
    if name in ("ticketOpen", "ticketRestore", "ticketMerge into it"):
        return 1
    return int(bool(set(contacts) & {"MessageAdded", "TicketChanged"}))


async def test_what_contacts_cannot_see_makes_no_frame(stage: Stage) -> None:
    cast = await Cast.on(stage)
    id = await cast.ticket()
    screen = MyScreen(cast.sara)
    await opened(stage, screen)
    token = await cast.lock(id)
    await cast.anna.do("ticketAddNote", ticketId=id, body="tra noi")
    await cast.anna.do("ticketUpdate", ticketId=id, addTags=["x"], priority="HIGH")
    await cast.anna.do("replyLockRelease", ticketId=id, lockToken=token)
    await cast.anna.do("ticketChangeLevel", ticketId=id, level="ADVANCED")
    await moved(stage, screen)
    assert screen.frames == []


async def test_scopes_share_a_watch(stage: Stage) -> None:
    """Two tabs, or two operators who see the same, are one watch; others are not."""
    anna, tab, admin = [await stage.person(one) for one in ("anna", "anna", "admin")]
    await opened(
        stage,
        *(ListScreen(one, {"turn": ["OPERATOR"]}) for one in (anna, tab, admin, admin)),
    )
    watches = stage.live.lists.registry.watches.all()
    assert sorted(len(one.feeds) for one in watches) == [2, 2]


@pytest.mark.parametrize("filter", [{"search": "x" * 501}, {"tag": ["x"] * 201}])
async def test_a_filter_that_cannot_be(stage: Stage, filter: dict[str, Any]) -> None:
    anna = await stage.person("anna")
    for field in ("ticketListEvents { __typename }", "ticketCountersChanged { new }"):
        name, _, selected = field.partition(" ")
        query = f"subscription ($filter: TicketFilter) {{ {name}(filter: $filter) {selected} }}"
        feed = await anna.connection.subscribe(query, filter=filter)
        message = await anna.connection.message(feed._id)
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert not stage.live.lists.registry.seats
