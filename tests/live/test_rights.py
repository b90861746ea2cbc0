"""Rights change while feeds are open: no frame carries what a query would refuse."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from models.desk import Category, CategoryGrant, Department, DepartmentOperator
from models.enums import Level, Right
from models.hierarchy import Profile, Role
from models.people import Contact, Operator, Organisation
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket
from tests.live.assert_live import Watcher, assert_live, watching
from tests.live.backstage import with_rights_changed
from tests.live.stage import Person, Stage, arrived, number_of

pytestmark = pytest.mark.usefixtures("quick_viewers")
Change = Callable[[], Awaitable[Any]]
ENDED = ["AccessRevoked", "(complete)"]


async def operator(name: str) -> Operator:
    return await Operator.get(email=f"{name}@demo.test")


async def leave_department() -> None:
    await DepartmentOperator.filter(operator_id=(await operator("bruno")).id).delete()


async def lose_grant() -> None:
    await CategoryGrant.filter(operator_id=(await operator("bruno")).id).delete()


async def lose_right() -> None:
    await Profile.filter(name="bruno").update(rights=[])


async def be_deactivated() -> None:
    await Operator.filter(name="Bruno").update(active=False)


async def department_moves() -> None:
    fiscale = await Department.get(name="Fiscale")
    await Ticket.all().update(department_id=fiscale.id)


@pytest.mark.parametrize(
    "change", [leave_department, lose_grant, lose_right, be_deactivated, department_moves]
)
async def test_a_silent_feed_ends(stage: Stage, change: Change) -> None:
    mario, bruno, admin = [await stage.person(one) for one in ("mario", "bruno", "admin")]
    id = await stage.ticket(mario)
    mine, theirs, contact = await watching(stage, id, [bruno, admin, mario])
    await with_rights_changed(change)
    assert (await mine.feed.next())["__typename"] == "AccessRevoked"
    await mine.feed.completed()
    if change is be_deactivated:
        assert await bruno.connection.closed() == 4403
    await stage.settled()
    assert {one["__typename"] for one in arrived(theirs.feed)} <= {"ViewersChanged"}
    assert arrived(contact.feed) == []


async def test_a_level_above_the_grant(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    mine, theirs = await watching(stage, id, [anna, bruno])
    done = await anna.do("ticketChangeLevel", ticketId=id, level="ADVANCED")
    assert done["__typename"] == "TicketOutOfSight"
    await stage.settled()
    assert [one["__typename"] for one in arrived(mine.feed)] == ENDED
    assert arrived(theirs.feed)[0]["__typename"] == "EntryAdded"
    await with_rights_changed(lose_grant)
    await stage.settled()
    assert [one["__typename"] for one in arrived(theirs.feed)][-2:] == ENDED


@pytest.mark.parametrize("what", ["shares", "leaves", "blocked"])
async def test_a_colleague_who_may_no_longer_read(stage: Stage, what: str) -> None:
    sara, samuel = await stage.person("sara"), await stage.person("samuel")
    id = await stage.ticket(sara)
    mine, theirs = await watching(stage, id, [sara, samuel])

    async def change() -> None:
        if what == "shares":
            await Organisation.all().update(shares_tickets=False)
        elif what == "leaves":
            await Contact.filter(name="Samuel").update(organisation_id=None)
        else:
            await Contact.filter(name="Samuel").update(blocked=True)

    await with_rights_changed(change)
    assert (await theirs.feed.next())["__typename"] == "AccessRevoked"
    await theirs.feed.completed()
    if what == "blocked":
        assert await samuel.connection.closed() == 4403
    await stage.settled()
    assert arrived(mine.feed) == []


@pytest.mark.parametrize("side", ["bruno", "mario"])
async def test_a_session_that_ends_closes_its_sockets(stage: Stage, side: str) -> None:
    mario, who = await stage.person("mario"), await stage.person(side)
    tab, other = await stage.seat(side, who.client), await stage.person(side)
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [who, tab, other])
    await who.client.run("mutation { signOut { __typename } }")
    assert [await who.connection.closed(), await tab.connection.closed()] == [4403, 4403]
    await stage.settled()
    assert {one["__typename"] for one in arrived(watchers[2].feed)} <= {"ViewersChanged"}
    await Session.all().update(expires_at=await clock() - timedelta(seconds=1))
    assert await other.connection.closed() == 4403


class Turmoil:
    """Random changes of rights and tickets, the same for the same seed."""

    def __init__(self, seed: int, id: str, mario: Person, admin: Person) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.id, self.mario, self.admin = id, mario, admin

    async def one(self) -> None:
        step = self.random.choice(
            [self.membership, self.grant, self.level, self.place, self.say, self.say, self.note]
        )
        await step()

    async def say(self) -> None:
        await self.mario.do("messagePost", ticketId=self.id, body="ancora")

    async def note(self) -> None:
        await self.admin.do("ticketAddNote", ticketId=self.id, body="tra noi")

    async def level(self) -> None:
        level = self.random.choice(["BASE", "ADVANCED"])
        await self.admin.do("ticketChangeLevel", ticketId=self.id, level=level)

    async def place(self) -> None:
        """Without an entry: as if somebody wrote it into the database."""
        department = self.random.choice(await Department.all().order_by("id"))
        where = {"department_id": department.id}
        await with_rights_changed(lambda: Ticket.filter(id=number_of(self.id)).update(**where))

    async def membership(self) -> None:
        who = await operator(self.random.choice(["anna", "bruno", "carla", "dino"]))
        department = self.random.choice(await Department.all().order_by("id"))
        keys: dict[str, Any] = {"operator_id": who.id, "department_id": department.id}

        async def toggle() -> None:
            if not await DepartmentOperator.filter(**keys).delete():
                await DepartmentOperator.create(**keys)

        await with_rights_changed(toggle)

    async def grant(self) -> None:
        who = await operator(self.random.choice(["anna", "bruno", "carla", "dino"]))
        category = await Category.get(name="Rinnovo permesso")
        keys: dict[str, Any] = {"operator_id": who.id, "category_id": category.id}
        level = self.random.choice([Level.BASE, Level.ADVANCED])

        async def toggle() -> None:
            if not await CategoryGrant.filter(**keys).delete():
                await CategoryGrant.create(**keys, level=level)

        await with_rights_changed(toggle)


@pytest.mark.property
@pytest.mark.parametrize("seed", [1, 2])
async def test_no_frame_carries_what_a_query_would_refuse(stage: Stage, seed: int) -> None:
    mario, admin = await stage.person("mario"), await stage.person("admin")
    people = [await stage.person(one) for one in ("anna", "bruno", "carla", "dino")]
    id = await stage.ticket(mario)
    turmoil = Turmoil(seed, id, mario, admin)
    watchers: dict[str, Watcher] = {}
    revoked = 0
    for _ in range(30):
        blind = [one for one in people if one.name not in watchers]
        for one in await watching(stage, id, blind):
            if not one.blind:
                watchers[one.person.name] = one
        for one in watchers.values():  # others may have come
            for frame in arrived(one.feed):
                one.state.apply(frame)
        await turmoil.one()
        await stage.settled()
        for name, one in list(watchers.items()):
            if not await _still_sees(one, id):
                del watchers[name]
                revoked += 1
    assert revoked


async def _still_sees(one: Watcher, id: str) -> bool:
    """Whether a query still answers; the frames since the last look agree with it."""
    frames = arrived(one.feed)
    fresh = await one.person.client.run(
        "query ($id: ID!) { ticket(id: $id) { lastEntryNumber } }", id=id
    )
    if fresh["ticket"] is None:
        assert [frame["__typename"] for frame in frames] == ENDED
        return False
    for frame in frames:
        assert frame["__typename"] not in ENDED
        one.state.apply(frame)
    assert max(one.state.entries) == fresh["ticket"]["lastEntryNumber"]
    return True


async def may_only_look() -> None:
    role = await Role.get(id=(await operator("bruno")).role_id)
    profile = await Profile.get(id=role.profile_id)
    profile.rights = [Right.TICKETS_VIEW.value]
    await profile.save()


async def test_rights_to_act_are_told_anew(stage: Stage) -> None:
    """The ticket stays in sight, and what may be done with it is no longer what was said."""
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    types = await assert_live(stage, id, [bruno, mario], lambda: with_rights_changed(may_only_look))
    assert types["bruno"] == ["TicketChanged"]
    assert types["mario"] == []
    assert (await bruno.fresh(id) or {})["allowedActions"] == ["VIEW"]


async def test_lists_are_asked_again_when_rights_to_act_change(stage: Stage) -> None:
    bruno = await stage.person("bruno")
    query = "subscription { ticketListEvents { __typename ... on TicketListReset { reason } } }"
    feed = await bruno.connection.subscribe(query)
    assert (await feed.next())["__typename"] == "TicketListReady"
    await with_rights_changed(may_only_look)
    assert (await feed.next())["__typename"] == "TicketListReset"
