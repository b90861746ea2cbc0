"""The order of checks, by inputs that are wrong in every later way as well."""

import pytest

from actions import tickets
from actions.refusals import (
    ConversationMovedOn,
    IdempotencyConflict,
    InvalidInput,
    LockLost,
    NotFound,
    NotPermitted,
    TicketAlreadyClosed,
    TicketLocked,
)
from actions.tickets.requests import (
    AddNote,
    Assign,
    ChangeCategory,
    ChangeLevel,
    Close,
    ContactOpen,
    Merge,
    Open,
    Post,
    Reply,
    Transfer,
    Update,
)
from models.enums import Level, Right
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_the_key_comes_first() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.reply(Reply(id, "ecco", idempotency_key="k"), anna)
    with pytest.raises(IdempotencyConflict):
        await tickets.reply(Reply(999, "", lock_token="0", idempotency_key="k"), anna)
    with pytest.raises(InvalidInput):
        await tickets.reply(Reply(999, "ok", idempotency_key=""), anna)


async def test_not_found_comes_before_the_input() -> None:
    id, carla = await stage.opened(), await stage.operator("carla")
    await tickets.close(Close(id), await stage.operator("anna"))
    for wrong in (
        tickets.reply(Reply(id, "", lock_token="0", last_seen_entry=0), carla),
        tickets.add_note(AddNote(id, "", mention_ids=(0,)), carla),
        tickets.close(Close(id, "", upload_ids=("x",)), carla),
        tickets.change_category(ChangeCategory(id, 0, "x" * 300_000), carla),
        tickets.change_level(ChangeLevel(id, Level.BASE, "x" * 300_000), carla),
        tickets.transfer(Transfer(id, 0), carla),
        tickets.assign(Assign(id, ("operator", 0)), carla),
        tickets.update(Update(id, subject="", add_tags=("",)), carla),
        tickets.merge(Merge(id, id), carla),
        tickets.delete(id, carla),
        tickets.restore(id, carla),
        tickets.open_for(Open("", "", follow_up_of_id=id), carla),
        tickets.post(Post(id, ""), await stage.contact("giulia")),
        tickets.open_by_contact(
            ContactOpen("", "", follow_up_of_id=id), await stage.contact("giulia")
        ),
    ):
        with pytest.raises(NotFound):
            await wrong


async def test_not_permitted_comes_before_the_input() -> None:
    id = await stage.opened()
    await stage.let("bruno", Right.TICKETS_VIEW)
    await tickets.close(Close(id), await stage.operator("anna"))
    bruno = await stage.operator("bruno")
    for wrong in (
        tickets.reply(Reply(id, "", lock_token="0", last_seen_entry=0), bruno),
        tickets.add_note(AddNote(id, "", mention_ids=(0,)), bruno),
        tickets.close(Close(id, ""), bruno),
        tickets.change_category(ChangeCategory(id, 0), bruno),
        tickets.change_level(ChangeLevel(id, Level.BASE, "x" * 300_000), bruno),
        tickets.transfer(Transfer(id, 0), bruno),
        tickets.assign(Assign(id, ("operator", 0)), bruno),
        tickets.update(Update(id, subject=""), bruno),
        tickets.merge(Merge(id, id), bruno),
        tickets.delete(id, bruno),
        tickets.open_for(Open("", ""), bruno),
        tickets.take_next(None, bruno),
    ):
        with pytest.raises(NotPermitted):
            await wrong


@pytest.mark.parametrize("guard", ["closed", "locked"])
async def test_the_input_comes_before_the_guard(guard: str) -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    foreign = await stage.opened("giulia")
    if guard == "closed":
        await tickets.close(Close(id), anna)
    else:
        await stage.locked(id, anna)
    for wrong in (
        tickets.reply(Reply(id, " ", lock_token="0", last_seen_entry=0), bruno),
        tickets.add_note(AddNote(id, "<b></b>"), bruno),
        tickets.add_note(AddNote(id, "ok", mention_ids=(0,)), bruno),
        tickets.close(Close(id, ""), bruno),
        tickets.close(Close(id, upload_ids=("x",)), bruno),
        tickets.change_category(ChangeCategory(id, 0), bruno),
        tickets.change_level(ChangeLevel(id, Level.BASE, "x" * 300_000), bruno),
        tickets.assign(Assign(id, ("operator", 0)), bruno),
        tickets.assign(Assign(id, ("department", 1)), bruno),
        tickets.update(Update(id, subject="x" * 251), bruno),
        tickets.merge(Merge(id, id), bruno),
        tickets.merge(Merge(id, foreign), bruno),
        tickets.merge(Merge(foreign, id), bruno),
    ):
        with pytest.raises(InvalidInput):
            await wrong


async def test_closed_comes_before_the_lock_and_the_lock_before_what_was_missed() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    token = await stage.locked(id, anna)
    with pytest.raises(TicketLocked):
        await tickets.reply(Reply(id, "ecco", last_seen_entry=0), bruno)
    with pytest.raises(LockLost):
        await tickets.reply(Reply(id, "ecco", lock_token="0", last_seen_entry=0), anna)
    with pytest.raises(ConversationMovedOn) as caught:
        await tickets.reply(Reply(id, "ecco", lock_token=token, last_seen_entry=0), anna)
    assert [one.number for one in caught.value.missed] == [1]
    assert (await stage.row(id)).reply_lock is not None
    await tickets.close(Close(id, lock_token=token), anna)
    with pytest.raises(TicketAlreadyClosed):
        await tickets.reply(Reply(id, "ecco", lock_token="0", last_seen_entry=0), anna)


async def test_merging_asks_both_for_everything_before_either_is_guarded() -> None:
    """Whatever the order of their ids, in which their rows are taken."""
    first, hidden, last = (
        await stage.opened(),
        await stage.opened(topic=stage.ISEE),
        await stage.opened(),
    )
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    await stage.locked(first, anna)
    for source, target in ((first, hidden), (hidden, first)):
        with pytest.raises(NotFound):
            await tickets.merge(Merge(source, target), bruno)
    for source, target in ((first, last), (last, first)):
        with pytest.raises(TicketLocked):
            await tickets.merge(Merge(source, target), bruno)


async def test_what_moves_on_is_a_post_by_somebody_else() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    await tickets.reply(Reply(id, "mio"), anna)
    await tickets.update(Update(id, subject="Altro"), bruno)
    await tickets.reply(Reply(id, "un evento non conta", last_seen_entry=1), anna)
    await tickets.add_note(AddNote(id, "una nota conta"), bruno)
    await tickets.post(Post(id, "un messaggio conta"), await stage.contact("mario"))
    for wrong in (
        tickets.reply(Reply(id, "ecco", last_seen_entry=4), anna),
        tickets.close(Close(id, last_seen_entry=4), anna),
        tickets.close(Close(id, "ecco", last_seen_entry=-5), anna),
    ):
        with pytest.raises(ConversationMovedOn) as caught:
            await wrong
        assert [one.number for one in caught.value.missed][-2:] == [5, 6]
    await tickets.close(Close(id, "ecco", last_seen_entry=2**31 - 1), anna)
