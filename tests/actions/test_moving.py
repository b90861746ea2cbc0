"""Category, level, department, and what follows when a ticket leaves somebody's sight."""

from dataclasses import replace

import pytest

from actions import drafts, tickets
from actions.drafts import SaveDraft
from actions.refusals import InvalidInput, NotFound, NotPermitted
from actions.tickets.requests import Assign, ChangeCategory, ChangeLevel, Transfer
from models.desk import Category, CategoryGrant, DepartmentGroup
from models.drafts import Draft
from models.enums import DraftKind, Level
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def to(id: int, name: str, **fields: bool) -> ChangeCategory:
    return replace(ChangeCategory(id, await stage.category(name)), **fields)


async def test_the_department_follows_the_category() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    await tickets.change_category(await to(id, stage.ISEE), admin)
    assert await stage.events(id) == [
        ("CATEGORY_CHANGED", [["category", "Rinnovo permesso", "ISEE"]]),
        ("TRANSFERRED", [["department", "Immigrazione", "Fiscale"]]),
    ]
    row = await stage.row(id)
    assert row.department_id == await stage.department("Fiscale")
    assert row.chosen_category_id == await stage.category(stage.RINNOVO)


async def test_unless_it_is_to_stay_or_the_category_has_none() -> None:
    admin = await stage.operator("admin")
    home = await stage.department("Immigrazione")
    kept, interno = await stage.opened(), await stage.opened()
    await tickets.change_category(await to(kept, stage.ISEE, keep_department=True), admin)
    await tickets.change_category(await to(interno, stage.INTERNO), admin)
    for id in (kept, interno):
        assert (await stage.row(id)).department_id == home
        assert [kind for kind, _ in await stage.events(id)] == ["CATEGORY_CHANGED"]


async def test_the_level_rises_to_the_initial_one_and_never_falls() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    await tickets.change_category(await to(id, stage.RICORSI), admin)
    assert await stage.events(id) == [
        ("CATEGORY_CHANGED", [["category", "Rinnovo permesso", "Ricorsi"]]),
        ("LEVEL_CHANGED", [["level", "BASE", "ADVANCED"]]),
    ]
    await tickets.change_category(await to(id, stage.RINNOVO), admin)
    assert (await stage.row(id)).level is Level.ADVANCED


async def test_any_category_in_use_with_a_note() -> None:
    """Not only those the operator holds; the note is the event's."""
    id, anna = await stage.opened(), await stage.operator("anna")
    for bad in (0, 999):
        with pytest.raises(InvalidInput):
            await tickets.change_category(ChangeCategory(id, bad), anna)
    await Category.filter(name=stage.INTERNO).update(archived=True)
    with pytest.raises(InvalidInput):
        await tickets.change_category(await to(id, stage.INTERNO), anna)
    request = ChangeCategory(id, await stage.category(stage.ISEE), " per\0ché \n")
    await tickets.change_category(request, anna)
    assert (await stage.timeline(id))[1].note == "perché"


async def test_out_of_the_actors_sight_the_lock_ends_and_the_draft_stays() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    token = await stage.locked(id, anna)
    await drafts.save(SaveDraft(id, DraftKind.REPLY, "quasi", (), 0), anna)
    moved = await tickets.change_level(ChangeLevel(id, Level.ADVANCED, lock_token=token), anna)
    assert not moved.in_sight
    row = await stage.row(id)
    assert (row.lock_holder_id, row.lock_token) == (None, int(token))
    with pytest.raises(NotFound):
        await tickets.change_level(ChangeLevel(id, Level.BASE), anna)
    assert (await Draft.get(ticket_id=id)).body == "quasi"
    assert (await drafts.save(SaveDraft(id, DraftKind.REPLY, "via", (), 1), anna)).revision == 2
    with pytest.raises(NotFound):
        await drafts.save(SaveDraft(id, DraftKind.NOTE, "nuova", (), 0), anna)
    await drafts.delete(id, DraftKind.REPLY, anna)


async def test_in_sight_the_lock_stays() -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    await stage.locked(id, bruno)
    assert (await tickets.change_level(ChangeLevel(id, Level.ADVANCED), bruno)).in_sight
    assert (await stage.row(id)).lock_holder_id == bruno.id


async def test_an_assignee_gone_blind_is_let_go_in_the_same_breath() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    await tickets.assign(Assign(id, ("operator", anna.id)), bruno)
    await tickets.change_level(ChangeLevel(id, Level.ADVANCED), bruno)
    assert (await stage.events(id))[1:] == [
        ("LEVEL_CHANGED", [["level", "BASE", "ADVANCED"]]),
        ("ASSIGNED", [["assignee", "Anna", None]]),
    ]
    row = await stage.row(id)
    assert (row.assignee_operator_id, row.revision) == (None, 3)


async def test_a_group_is_let_go_only_when_all_of_it_is_blind() -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    await tickets.assign(Assign(id, ("group", await stage.group())), bruno)
    await tickets.change_level(ChangeLevel(id, Level.ADVANCED), bruno)
    assert (await stage.row(id)).assignee_group_id is not None
    await tickets.change_category(await to(id, stage.ISEE), await stage.operator("admin"))
    assert (await stage.row(id)).assignee_group_id is None


async def test_changing_nothing_writes_nothing_but_a_note_is_kept() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    home = await stage.department("Immigrazione")
    await tickets.change_level(ChangeLevel(id, Level.BASE), anna)
    await tickets.change_category(await to(id, stage.RINNOVO), anna)
    await tickets.transfer(Transfer(id, home), anna)
    assert (await stage.row(id)).revision == 1
    await tickets.change_level(ChangeLevel(id, Level.BASE, "resta"), anna)
    assert (await stage.timeline(id))[1].note == "resta"


async def test_transfers_go_to_ones_own_and_public_departments() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    fiscale = await stage.department("Fiscale")
    with pytest.raises(NotPermitted):
        await tickets.transfer(Transfer(id, fiscale), anna)
    with pytest.raises(NotFound):
        await tickets.transfer(Transfer(id, 999), anna)
    await DepartmentGroup.create(department_id=fiscale, group_id=await stage.group(), public=True)
    await stage.changed()
    moved = await tickets.transfer(Transfer(id, fiscale, "a voi"), await stage.operator("anna"))
    assert not moved.in_sight
    assert await stage.events(id) == [
        ("TRANSFERRED", [["department", "Immigrazione", "Fiscale"]]),
        ("CATEGORY_CHANGED", [["category", "Rinnovo permesso", None]]),
    ]
    row = await stage.row(id)
    assert (row.category_id, row.chosen_category_id) == (
        None,
        await stage.category(stage.RINNOVO),
    )


async def test_a_transfer_keeps_a_category_of_no_department() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    interno = await stage.category(stage.INTERNO)
    await Ticket.filter(id=id).update(category_id=interno)
    await tickets.transfer(Transfer(id, await stage.department("Fiscale")), admin)
    assert (await stage.row(id)).category_id == interno


async def test_a_transfer_keeps_the_category_of_that_department() -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    isee = await stage.category(stage.ISEE)
    await Ticket.filter(id=id).update(category_id=isee)
    await tickets.transfer(Transfer(id, await stage.department("Fiscale")), admin)
    assert (await stage.row(id)).category_id == isee


async def test_rights_that_changed_meanwhile_count_now() -> None:
    """The caller was made when the request came in; the grant went while it waited."""
    id, anna = await stage.opened(), await stage.operator("anna")
    await CategoryGrant.filter(operator_id=anna.id).delete()
    await stage.changed()
    with pytest.raises(NotFound):
        await tickets.change_level(ChangeLevel(id, Level.ADVANCED), anna)
    assert (await stage.row(id)).revision == 1
