"""The lock table of writing.md, every cell."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from actions import locks, tickets
from actions.refusals import LockLost, Refusal, TicketLocked
from actions.tickets.requests import (
    AddNote,
    Assign,
    ChangeCategory,
    ChangeLevel,
    Close,
    Merge,
    Reply,
    Transfer,
    Update,
)
from models.callers import OperatorCaller
from models.enums import Level, Priority
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")

Act = Callable[[int, OperatorCaller, str | None], Awaitable[Any]]


async def reply(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.reply(Reply(id, "ecco", lock_token=token), by)


async def close_with_message(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.close(Close(id, "ecco", lock_token=token), by)


async def close(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.close(Close(id, lock_token=token), by)


async def note(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.add_note(AddNote(id, "nota", lock_token=token), by)


async def category(id: int, by: OperatorCaller, token: str | None) -> None:
    request = ChangeCategory(id, await stage.category(stage.RINNOVO), "perché", lock_token=token)
    await tickets.change_category(request, by)


async def level(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.change_level(ChangeLevel(id, Level.BASE, "perché", lock_token=token), by)


async def transfer(id: int, by: OperatorCaller, token: str | None) -> None:
    department = await stage.department("Immigrazione")
    await tickets.transfer(Transfer(id, department, "perché", lock_token=token), by)


async def assign(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.assign(Assign(id, ("operator", by.id), lock_token=token), by)


async def update(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.update(Update(id, priority=Priority.HIGH, lock_token=token), by)


async def merge(id: int, by: OperatorCaller, token: str | None) -> None:
    await tickets.merge(Merge(id, await stage.opened(), lock_token=token), by)


async def delete(id: int, by: OperatorCaller, _token: str | None) -> None:
    await tickets.delete(id, by)


LAST_WORDS: list[Act] = [reply, close_with_message]
OTHERS: list[Act] = [close, note, category, level, transfer, assign, update, merge]
ENDS_THE_LOCK: list[Act] = [reply, close_with_message, close, merge]


def each(acts: list[Act], subtests: pytest.Subtests) -> Iterator[Act]:
    """One after the other, each on tickets of its own."""
    for act in acts:
        with subtests.test(act=act.__name__):
            yield act


async def held_by_anna() -> tuple[int, OperatorCaller, str]:
    anna = await stage.operator("anna")
    id = await stage.opened()
    return id, anna, await stage.locked(id, anna)


async def refused(id: int, act: Act, by: OperatorCaller, token: str | None) -> Refusal:
    """The refusal; nothing at all was written."""
    before = await stage.row(id)
    with pytest.raises((LockLost, TicketLocked)) as caught:
        await act(id, by, token)
    after = await stage.row(id)
    assert stage.columns(after) == stage.columns(before)
    assert len(await stage.timeline(id)) == before.seq
    return caught.value


@pytest.mark.parametrize("expired", [False, True])
async def test_free_without_token_is_done(expired: bool, subtests: pytest.Subtests) -> None:
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    for act in each([*LAST_WORDS, *OTHERS, delete], subtests):
        id = await stage.opened()
        if expired:
            await stage.locked(id, anna)
            await stage.expire(id)
        await act(id, bruno, None)
        assert (await stage.row(id)).seq > 1


async def test_a_free_reply_changes_no_lock_and_keeps_the_one_elsewhere() -> None:
    elsewhere, anna, token = await held_by_anna()
    id = await stage.opened()
    before = await stage.row(id)
    await reply(id, anna, None)
    after = await stage.row(id)
    assert (after.lock_token, after.lock_holder_id) == (before.lock_token, None)
    assert after.revision == before.revision + 1
    assert (await stage.row(elsewhere)).reply_lock is not None
    await locks.renew(elsewhere, token, anna)


async def test_mine_without_token_is_lost_for_last_words(subtests: pytest.Subtests) -> None:
    for act in each(LAST_WORDS, subtests):
        id, anna, _ = await held_by_anna()
        refusal = await refused(id, act, anna, None)
        assert isinstance(refusal, LockLost)
        assert refusal.holder is not None
        assert refusal.holder.operator_id == anna.id


async def test_mine_without_token_is_done_for_others(subtests: pytest.Subtests) -> None:
    for act in each(OTHERS, subtests):
        id, anna, _ = await held_by_anna()
        await act(id, anna, None)
        assert ((await stage.row(id)).reply_lock is None) == (act in ENDS_THE_LOCK)


async def test_mine_is_no_hindrance_to_deleting() -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    await stage.locked(id, bruno)
    await delete(id, bruno, None)
    assert (await stage.row(id)).lock_holder_id is None


async def test_anothers_without_token_is_locked(subtests: pytest.Subtests) -> None:
    bruno = await stage.operator("bruno")
    for act in each([*LAST_WORDS, *OTHERS, delete], subtests):
        id, anna, _ = await held_by_anna()
        refusal = await refused(id, act, bruno, None)
        assert isinstance(refusal, TicketLocked)
        assert refusal.lock.operator_id == anna.id


async def test_the_current_token_is_done(subtests: pytest.Subtests) -> None:
    for act in each([*LAST_WORDS, *OTHERS], subtests):
        id, anna, token = await held_by_anna()
        await act(id, anna, token)
        after = await stage.row(id)
        assert (after.reply_lock is None) == (act in ENDS_THE_LOCK)
        assert after.lock_token == int(token)


@pytest.mark.parametrize("how", ["released", "expired", "garbage"])
async def test_a_stale_token_on_a_free_ticket_is_lost(how: str, subtests: pytest.Subtests) -> None:
    for act in each([*LAST_WORDS, *OTHERS], subtests):
        id, anna, token = await held_by_anna()
        if how == "expired":
            await stage.expire(id)
        else:
            await locks.release(id, token, anna)
        refusal = await refused(id, act, anna, "9\0 drop" if how == "garbage" else token)
        assert isinstance(refusal, LockLost)
        assert refusal.holder is None


async def test_a_stale_token_on_a_lock_of_mine_is_lost(subtests: pytest.Subtests) -> None:
    for act in each([*LAST_WORDS, *OTHERS], subtests):
        id, anna, token = await held_by_anna()
        await stage.locked(id, await stage.operator("anna", session=7))
        refusal = await refused(id, act, anna, token)
        assert isinstance(refusal, LockLost)
        assert refusal.holder is not None
        assert refusal.holder.session_id == 7


@pytest.mark.parametrize("which", ["old", "current of the holder"])
async def test_a_token_on_anothers_lock_is_lost_and_names_the_holder(
    which: str, subtests: pytest.Subtests
) -> None:
    bruno = await stage.operator("bruno")
    for act in each([*LAST_WORDS, *OTHERS], subtests):
        id, anna, token = await held_by_anna()
        await stage.expire(id)
        theirs = await stage.locked(id, bruno)
        refusal = await refused(id, act, anna, token if which == "old" else theirs)
        assert isinstance(refusal, LockLost)
        assert refusal.holder is not None
        assert refusal.holder.operator_id == bruno.id
