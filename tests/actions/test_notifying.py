"""Who is told of a write, and who is not."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from actions import tickets
from actions.events import Happened, Notified
from actions.refusals import InvalidInput, Refusal
from actions.tickets.requests import (
    AddNote,
    Assign,
    ChangeCategory,
    ChangeLevel,
    Close,
    Merge,
    Open,
    Post,
    Reply,
    Transfer,
    Update,
)
from actions.unit_of_work import announce_to
from models.desk import CategoryGrant, Department, DepartmentGroup, DepartmentOperator
from models.enums import Level
from models.hierarchy import GroupMember, OperatorGroup, Role
from models.notifications import Notification
from models.people import Operator
from tests.actions import stage
from tests.actions.test_assigning import group_of
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("database")
Told = set[tuple[str, str, int]]
NEW = "NEW_TICKET"


async def told() -> Told:
    """Of everything since the last time: operator, kind, number of the entry."""
    names = {one.id: one.name for one in await Operator.all()}
    found = await Notification.all()
    await Notification.all().delete()
    among = {(names[one.operator_id], one.kind.value, one.entry_number) for one in found}
    assert len(among) == len(found)
    return among


async def untold(by: str = "mario") -> int:
    """A ticket, the telling of which is over."""
    id = await stage.opened(by)
    await told()
    return id


async def opening(by: str, **more: Any) -> int:
    """Opened by an operator for Mario."""
    rinnovo, mario = await stage.category(stage.RINNOVO), await stage.contact("mario")
    request = Open("Ciao", "<p>aiuto</p>", contact_id=mario.id, category_id=rinnovo, **more)
    return (await tickets.open_for(request, await stage.operator(by))).ticket.id


async def mute(name: str, *kinds: str) -> None:
    row = await Operator.get(name=name)
    row.muted_in_app = list(kinds)
    await row.save(update_fields=["muted_in_app"])


async def assign(id: int, kind: str | None, who: int = 0, by: str = "bruno") -> None:
    assignee = None if kind is None else (kind, who)
    await tickets.assign(Assign(id, assignee), await stage.operator(by))


async def test_of_a_new_ticket_the_members_who_see_it_are_told() -> None:
    """Anna through the department above; Carla sees it not, Dino is no member, nor is admin."""
    id = await stage.opened()
    (row, *_) = await Notification.all()
    opened = (await stage.timeline(id))[0]
    assert (row.ticket_id, row.created_at, row.read) == (id, opened.created_at, False)
    assert await told() == {("Anna", NEW, 1), ("Bruno", NEW, 1)}


async def test_members_through_groups_and_no_guests() -> None:
    immigrazione = await stage.department("Immigrazione")
    await DepartmentOperator.all().delete()
    member, guest = await group_of("dino"), await group_of("bruno")
    await DepartmentGroup.create(department_id=immigrazione, group_id=member)
    await DepartmentGroup.create(department_id=immigrazione, group_id=guest, public=True)
    await stage.changed()
    await stage.opened()
    assert await told() == {("Dino", NEW, 1)}


async def test_a_department_that_does_not_tell() -> None:
    await Department.all().update(notify_members=False)
    await stage.opened()
    assert await told() == set()


async def test_a_circle_of_departments_ends_somewhere() -> None:
    immigrazione = await stage.department("Immigrazione")
    await Department.filter(name="Patronato").update(parent_id=immigrazione)
    await stage.changed()
    await stage.opened()
    assert await told() == {("Anna", NEW, 1), ("Bruno", NEW, 1)}


async def test_nobody_is_told_what_they_did_and_of_one_write_nobody_twice() -> None:
    anna = await stage.operator("anna")
    await opening("bruno")
    assert await told() == {("Anna", NEW, 1)}
    await opening("bruno", assignee=("operator", anna.id))
    assert await told() == {("Anna", "ASSIGNED", 1)}
    await opening("bruno", assignee=("group", await stage.group()), close_after_sending=True)
    assert await told() == {("Anna", "ASSIGNED", 1)}
    await opening("anna", assignee=("operator", anna.id), on_behalf_of_contact=True)
    assert await told() == {("Bruno", NEW, 1)}


async def test_assigned() -> None:
    id, anna = await untold(), await stage.operator("anna")
    await assign(id, "operator", anna.id)
    assert await told() == {("Anna", "ASSIGNED", 2)}
    await assign(id, "operator", anna.id)  # she has it
    await assign(id, "operator", anna.id, by="anna")
    await assign(id, None)
    assert await told() == set()
    await assign(id, "group", await stage.group(), by="admin")
    assert await told() == {("Anna", "ASSIGNED", 4), ("Bruno", "ASSIGNED", 4)}
    await tickets.take_next(None, await stage.operator("bruno"))
    assert await told() == set()


async def test_members_of_a_group_who_do_not_see_it_are_not_told() -> None:
    id, everybody = await untold(), await group_of("carla", "bruno", "dino", "anna")
    await assign(id, "group", everybody, by="anna")
    assert await told() == {("Bruno", "ASSIGNED", 2), ("Dino", "ASSIGNED", 2)}
    await tickets.change_level(ChangeLevel(id, Level.ADVANCED), await stage.operator("bruno"))
    await tickets.post(Post(id, "ancora"), await stage.contact("mario"))
    replied = "CONTACT_REPLIED"
    assert await told() == {("Bruno", replied, 4), ("Dino", replied, 4)}


async def test_mentioned() -> None:
    id, anna, bruno = await untold(), await stage.operator("anna"), await stage.operator("bruno")
    await tickets.add_note(AddNote(id, "@", mention_ids=(bruno.id, anna.id, bruno.id)), anna)
    assert await told() == {("Bruno", "MENTIONED", 2)}
    await tickets.add_note(AddNote(id, "to myself", mention_ids=(anna.id,)), anna)
    await tickets.add_note(AddNote(id, "to nobody"), anna)
    assert await told() == set()


async def test_a_contact_wrote() -> None:
    id, mario = await untold(), await stage.contact("mario")
    await tickets.post(Post(id, "uno"), mario)
    assert await told() == set()  # it is nobody's
    await assign(id, "operator", (await stage.operator("bruno")).id)
    await tickets.post(Post(id, "due"), mario)
    assert await told() == {("Bruno", "CONTACT_REPLIED", 4)}
    await assign(id, "group", await stage.group(), by="admin")
    await told()
    await tickets.post(Post(id, "tre"), mario)
    replied = "CONTACT_REPLIED"
    assert await told() == {("Anna", replied, 6), ("Bruno", replied, 6)}
    await tickets.reply(Reply(id, "ecco"), await stage.operator("bruno"))
    assert await told() == set()


async def test_what_is_switched_off() -> None:
    """Each kind by itself; a new ticket that is theirs is still a new ticket."""
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    await mute("Anna", "ASSIGNED", "MENTIONED")
    await mute("Bruno", NEW)
    id = await stage.opened()
    assert await told() == {("Anna", NEW, 1)}
    await assign(id, "operator", anna.id)
    await tickets.add_note(AddNote(id, "@", mention_ids=(anna.id,)), bruno)
    assert await told() == set()
    await opening("admin", assignee=("operator", anna.id))
    assert await told() == {("Anna", NEW, 1)}
    await tickets.post(Post(id, "due"), await stage.contact("mario"))
    assert await told() == {("Anna", "CONTACT_REPLIED", 4)}


async def test_who_is_not_active_or_may_not_view_is_not_told() -> None:
    id, bruno = await untold(), await stage.operator("bruno")
    await assign(id, "group", await stage.group(), by="admin")
    await told()
    await Operator.filter(id=bruno.id).update(active=False)
    await stage.let("anna")
    await tickets.post(Post(id, "due"), await stage.contact("mario"))
    await stage.opened()
    assert await told() == set()


async def test_what_is_told_to_nobody() -> None:
    """A transfer brings no new ticket; nor does what moves, ends or hides one."""
    admin = await stage.operator("admin")
    bruno = (await stage.operator("bruno")).id
    id, other, gone = await untold(), await untold(), await untold()
    await assign(id, "operator", bruno)
    await told()
    fiscale, patronato = [await stage.department(one) for one in ("Fiscale", "Patronato")]
    interno = await stage.category(stage.INTERNO)
    silent: list[Callable[[], Awaitable[object]]] = [
        lambda: tickets.update(Update(id, subject="Altro", add_tags=("a",)), admin),
        lambda: tickets.change_level(ChangeLevel(id, Level.ADVANCED), admin),
        lambda: tickets.merge(Merge(other, id), admin),
        lambda: tickets.delete(gone, admin),
        lambda: tickets.restore(gone, admin),
        lambda: tickets.transfer(Transfer(id, patronato), admin),
        lambda: tickets.transfer(Transfer(id, fiscale), admin),
        lambda: tickets.change_category(ChangeCategory(id, interno), admin),
        lambda: tickets.close(Close(id, body="Fine"), admin),
    ]
    for act in silent:
        await act()
        assert await told() == set()


async def test_a_write_that_fails_tells_nothing() -> None:
    id, anna, carla = await untold(), await stage.operator("anna"), await stage.operator("carla")
    heard: list[Happened] = []

    async def hear(event: Happened) -> None:
        heard.append(event)

    deafen = announce_to(hear)
    with pytest.raises(InvalidInput):
        await tickets.add_note(AddNote(id, "@", mention_ids=(carla.id,)), anna)
    with pytest.raises(Refusal):
        await opening("dino", assignee=("operator", anna.id))
    assert (await told(), heard) == (set(), [])
    await stage.opened()
    deafen()
    names = {one.id: one.name for one in await Operator.all()}
    notified = [names[one.operator_id] for one in heard if isinstance(one, Notified)]
    assert sorted(notified) == ["Anna", "Bruno"]


async def test_a_retry_tells_once() -> None:
    bruno = await stage.operator("bruno")
    id = await untold()
    for _ in range(2):
        request = AddNote(id, "@", mention_ids=(bruno.id,), idempotency_key="k")
        await tickets.add_note(request, await stage.operator("anna"))
    assert await told() == {("Bruno", "MENTIONED", 2)}


async def test_as_many_statements_for_a_crowd_as_for_a_few() -> None:
    """Also when rights have just changed, and nobody's are known."""
    cost: list[int] = []
    rinnovo, immigrazione = (
        await stage.category(stage.RINNOVO),
        await stage.department("Immigrazione"),
    )
    role = await Role.get(id=(await Operator.get(name="Anna")).role_id)
    await stage.opened()  # so that the first of them is no dearer for being the first
    for size in (1, 60):
        for number in range(size):
            one = await Operator.create(
                name=f"{size}-{number}", email=f"{size}-{number}@demo.test", role_id=role.id
            )
            await DepartmentOperator.create(department_id=immigrazione, operator_id=one.id)
            await CategoryGrant.create(operator_id=one.id, category_id=rinnovo)
        await stage.changed()
        with counted() as statements:
            await stage.opened()
        cost.append(len(statements))
    assert cost[0] == cost[1]
    assert await Notification.all().count() == 2 + 3 + 63


async def test_groups_in_groups_and_empty_groups() -> None:
    id = await untold()
    inner, outer = await group_of("anna"), await OperatorGroup.create(name="outer")
    await GroupMember.create(group_id=outer.id, member_group_id=inner)
    empty = await OperatorGroup.create(name="empty")
    await stage.changed()
    await assign(id, "group", outer.id)
    assert await told() == {("Anna", "ASSIGNED", 2)}
    other = await untold()
    await opening("admin", assignee=("group", outer.id), department_id=None)
    assert ("Anna", "ASSIGNED", 1) in await told()
    with pytest.raises(Refusal):
        await assign(other, "group", empty.id)
