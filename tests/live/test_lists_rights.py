"""Everything changes at random: lists are what a query says, and name nothing out of sight."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from models.desk import Category, CategoryGrant, Department, DepartmentOperator, Desk
from models.enums import Level, TicketSharing
from models.hierarchy import GroupMember, OperatorGroup, Profile
from models.people import Contact, Operator, Organisation
from tests.live.backstage import with_rights_changed
from tests.live.screens import CountersScreen, Filter, ListScreen, MyScreen, moved, opened
from tests.live.stage import Person, Stage
from tests.support.site import category, gid

pytestmark = pytest.mark.usefixtures("quick_viewers", "quick_lists")
STAFF = ("anna", "bruno", "carla", "dino")


class Turmoil:
    """Random changes, the same for the same seed."""

    def __init__(self, seed: int, stage: Stage, people: dict[str, Person]) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.stage, self.people = stage, people
        self.admin = people["admin"]
        self.tickets: list[str] = []
        self.deleted: list[str] = []

    async def one(self) -> str:
        steps: list[Callable[[], Awaitable[Any]]] = [
            self.open, self.say, self.reply, self.move, self.level, self.assign, self.close,
            self.delete, self.restore, self.merge, self.transfer, self.tag, self.read, self.lock,
            self.membership, self.grant, self.right, self.sharing, self.group, self.organisation,
            self.tree, self.contacts,
        ]  # fmt: skip
        step = self.random.choice(steps if self.tickets else [self.open])
        await step()
        return step.__name__

    @property
    def ticket(self) -> dict[str, str]:
        return {"ticketId": self.random.choice(self.tickets)}

    async def do(self, mutation: str, **input: Any) -> None:
        """By the administrator; a refusal is an answer too."""
        await self.admin.client.do(mutation, **input)

    async def open(self) -> None:
        by = self.people[self.random.choice(["mario", "sara", "samuel"])]
        where = self.random.choice(["Rinnovo permesso", "Ricorsi", "ISEE"])
        self.tickets.append(await self.stage.ticket(by, where))

    async def say(self) -> None:
        by = self.people[self.random.choice(["mario", "sara", "samuel"])]
        await by.client.do("messagePost", body="ancora", **self.ticket)

    async def reply(self) -> None:
        await self.do("ticketReply", body="ecco", **self.ticket)

    async def move(self) -> None:
        name = self.random.choice(["Rinnovo permesso", "Ricorsi", "ISEE", "Interno"])
        id = await category(self.admin.client, name)
        await self.do("ticketChangeCategory", categoryId=id, **self.ticket)

    async def level(self) -> None:
        level = self.random.choice(["BASE", "ADVANCED"])
        await self.do("ticketChangeLevel", level=level, **self.ticket)

    async def assign(self) -> None:
        who = await Operator.get(email=f"{self.random.choice(STAFF)}@demo.test")
        group = await OperatorGroup.get(name="Sportello")
        to = self.random.choice([None, gid("Operator", who.id), gid("Group", group.id)])
        await self.do("ticketAssign", assigneeId=to, **self.ticket)

    async def close(self) -> None:
        await self.do("ticketClose", **self.ticket)

    async def delete(self) -> None:
        self.deleted.append(self.ticket["ticketId"])
        await self.do("ticketDelete", ticketId=self.deleted[-1])

    async def restore(self) -> None:
        if self.deleted:
            await self.do("ticketRestore", ticketId=self.random.choice(self.deleted))

    async def merge(self) -> None:
        await self.do("ticketMerge", intoId=self.random.choice(self.tickets), **self.ticket)

    async def transfer(self) -> None:
        id = gid("Department", self.random.choice([1, 2, 3]))
        await self.do("ticketTransfer", departmentId=id, **self.ticket)

    async def tag(self) -> None:
        await self.do("ticketUpdate", addTags=["a"], subject="Altro", **self.ticket)

    async def read(self) -> None:
        by = self.people[self.random.choice(STAFF)]
        await by.client.do("ticketMarkRead", upTo=self.random.randrange(3), **self.ticket)

    async def lock(self) -> None:
        by = self.people[self.random.choice(STAFF)]
        await by.client.do("replyLockAcquire", **self.ticket)
        await by.client.do("ticketLeave", **self.ticket)

    async def membership(self) -> None:
        department = await Department.get(id=self.random.choice([1, 2, 3]))
        who = await Operator.get(email=f"{self.random.choice(STAFF)}@demo.test")
        await self._toggle(DepartmentOperator, operator_id=who.id, department_id=department.id)

    async def grant(self) -> None:
        who = await Operator.get(email=f"{self.random.choice(STAFF)}@demo.test")
        held = await Category.get(name=self.random.choice(["Rinnovo permesso", "ISEE"]))
        level = self.random.choice([Level.BASE, Level.ADVANCED])
        keys = {"operator_id": who.id, "category_id": held.id}
        await self._toggle(CategoryGrant, {"level": level}, **keys)

    async def group(self) -> None:
        who = await Operator.get(email=f"{self.random.choice(STAFF)}@demo.test")
        group = await OperatorGroup.get(name="Sportello")
        await self._toggle(GroupMember, group_id=group.id, operator_id=who.id)

    async def right(self) -> None:
        rights = self.random.choice([[], ["tickets.view"], ["tickets.view", "view_all_tickets"]])
        name = self.random.choice(["operator", "bruno"])
        await with_rights_changed(lambda: Profile.filter(name=name).update(rights=rights))

    async def sharing(self) -> None:
        sharing = self.random.choice(list(TicketSharing))
        await with_rights_changed(lambda: Desk.filter(id=1).update(ticket_sharing=sharing))

    async def organisation(self) -> None:
        acme = await Organisation.get(name="Acme")
        theirs = self.random.choice([None, acme.id])
        name = self.random.choice(["Mario", "Samuel"])
        await with_rights_changed(lambda: Contact.filter(name=name).update(organisation_id=theirs))

    async def tree(self) -> None:
        above = await Category.get(name="Immigrazione")
        parent = self.random.choice([None, above.id])
        await with_rights_changed(lambda: Category.filter(name="ISEE").update(parent_id=parent))

    async def contacts(self) -> None:
        """Blocked or not: a circle is empty, or is theirs again."""
        blocked = self.random.random() < 0.5
        await with_rights_changed(lambda: Contact.filter(name="Giulia").update(blocked=blocked))

    async def _toggle(self, model: Any, more: dict[str, Any] | None = None, **keys: Any) -> None:
        async def do() -> None:
            if not await model.filter(**keys).delete():
                await model.create(**keys, **(more or {}))

        await with_rights_changed(do)


@pytest.mark.property
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_list_is_what_a_query_says(stage: Stage, seed: int) -> None:
    names = (*STAFF, "admin", "mario", "sara", "samuel")
    people = {name: await stage.person(name) for name in names}
    turmoil = Turmoil(seed, stage, people)
    for _ in range(5):
        await turmoil.open()
    acme = await Organisation.get(name="Acme")
    under = await category(people["admin"].client, "Immigrazione")
    filters: list[Filter] = [
        {"categoryId": [under]},
        {"organisationId": [gid("Organisation", acme.id)], "unread": True},
        {"assignee": {"myGroups": True, "me": True}},
        {"search": "altro", "open": True},
    ]
    operators = [people[name] for name in STAFF]
    screens = [
        *(ListScreen(one, {}) for one in operators),
        *(ListScreen(one, f) for one, f in zip(operators, filters, strict=True)),
        *(CountersScreen(one, {}) for one in operators),
        *(MyScreen(people[name]) for name in ("mario", "sara", "samuel")),
    ]
    await opened(stage, *screens)
    told = 0
    for _ in range(30):
        step = await turmoil.one()
        try:
            await moved(stage, *screens)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, after {step}") from error
        told += sum(len(one.frames) for one in screens)
    assert told


async def lose_all(_: Stage) -> None:
    await with_rights_changed(lambda: Profile.all().update(rights=[]))


async def leave(_: Stage) -> None:
    await with_rights_changed(lambda: DepartmentOperator.all().delete())


@pytest.mark.parametrize("change", [lose_all, leave])
async def test_who_sees_nothing_more_is_told_of_what_goes(
    stage: Stage, change: Callable[[Stage], Awaitable[None]]
) -> None:
    mario, bruno, dino = [await stage.person(one) for one in ("mario", "bruno", "dino")]
    ids = {await stage.ticket(mario) for _ in range(3)}
    mine, theirs = ListScreen(bruno, {}), ListScreen(dino, {})
    await opened(stage, mine, theirs)
    await change(stage)
    await moved(stage, mine, theirs)
    assert {one["ticketId"] for one in mine.frames} == ids
    assert theirs.frames == []


async def test_many_that_go_at_once_are_a_reset(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.lists.lists.TOLD_ONE_BY_ONE", 2)
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    for _ in range(3):
        await stage.ticket(mario)
    screen = ListScreen(bruno, {})
    await opened(stage, screen)
    await leave(stage)
    await moved(stage, screen)
    assert screen.types == ["TicketListReset"]
