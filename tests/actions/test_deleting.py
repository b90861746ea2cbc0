"""Out of every view and back."""

import pytest

from actions import drafts, tickets
from actions.drafts import SaveDraft
from actions.refusals import NotFound, NotPermitted, TicketLocked
from actions.tickets.requests import AddNote, Close, Post, Reply
from models.drafts import Draft
from models.enums import DraftKind, Level, Right
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("closed", [False, True])
async def test_deleted_is_gone_for_everybody_and_comes_back_as_it_was(closed: bool) -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    if closed:
        await tickets.close(Close(id), bruno)
    before = await stage.row(id)
    await tickets.delete(id, bruno)
    with pytest.raises(NotFound):
        await tickets.post(Post(id, "?"), await stage.contact("mario"))
    for gone in (
        tickets.delete(id, bruno),
        tickets.reply(Reply(id, "?"), bruno),
        tickets.add_note(AddNote(id, "?"), await stage.operator("admin")),
    ):
        with pytest.raises(NotFound):
            await gone
    await tickets.restore(id, bruno)
    after = await stage.row(id)
    assert (after.deleted_at, after.turn, after.closed_at) == (None, before.turn, before.closed_at)
    assert (after.seq, after.visible_seq) == (before.seq + 2, before.visible_seq)
    turn = before.turn.value
    assert (await stage.told(id))[-2:] == [
        (after.seq - 1, "DELETED", turn),
        (after.seq, "RESTORED", turn),
    ]
    with pytest.raises(NotFound):
        await tickets.restore(id, bruno)


async def test_it_is_a_right_of_its_own() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    with pytest.raises(NotPermitted):
        await tickets.delete(id, anna)
    await tickets.delete(id, bruno)
    for nobody in (anna, await stage.operator("carla")):  # to whom it is not listed, it never was
        with pytest.raises(NotFound):
            await tickets.restore(id, nobody)
    await stage.let("dino", Right.TICKETS_VIEW, Right.TICKETS_DELETE)
    with pytest.raises(NotFound):
        await tickets.restore(id, await stage.operator("dino"))


async def test_a_foreign_lock_forbids_it_and_ones_own_ends() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    await stage.locked(id, anna)
    with pytest.raises(TicketLocked):
        await tickets.delete(id, bruno)
    await stage.expire(id)
    token = await stage.locked(id, bruno)
    await drafts.save(SaveDraft(id, DraftKind.REPLY, "quasi", (), 0), bruno)
    await tickets.delete(id, bruno)
    row = await stage.row(id)
    assert (row.lock_holder_id, row.lock_token) == (None, int(token))
    assert await Draft.filter(ticket_id=id).count() == 1
    await drafts.save(SaveDraft(id, DraftKind.REPLY, "ancora", (), 1), bruno)


async def test_what_nobody_sees_when_deleted_is_not_restored() -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    await tickets.delete(id, bruno)
    await Ticket.filter(id=id).update(category_id=await stage.category(stage.ISEE))
    with pytest.raises(NotFound):
        await tickets.restore(id, bruno)
    await Ticket.filter(id=id).update(
        category_id=await stage.category(stage.RINNOVO), level=Level.ADVANCED
    )
    await tickets.restore(id, bruno)
