"""Taking, keeping and giving back the reply lock."""

from datetime import timedelta

import pytest

from actions import drafts, locks, tickets
from actions.drafts import SaveDraft
from actions.refusals import LockLost, NotFound, NotPermitted, TicketAlreadyClosed, TicketLocked
from actions.tickets.requests import Close, Post, Reply
from models.drafts import Draft
from models.enums import DraftKind, Right
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_a_second_session_gets_a_new_token_and_the_first_is_told() -> None:
    id = await stage.opened()
    first, second = await stage.operator("anna"), await stage.operator("anna", session=7)
    old = await locks.acquire(id, first)
    new = await locks.acquire(id, second)
    assert new.lock_token == old.lock_token + 1
    assert (new.lock_holder_id, new.lock_session_id) == (first.id, 7)
    assert new.lock_acquired_at == old.lock_acquired_at
    assert new.revision == old.revision + 1
    with pytest.raises(LockLost) as caught:
        await tickets.reply(Reply(id, "ecco", lock_token=str(old.lock_token)), first)
    assert caught.value.holder is not None
    assert caught.value.holder.session_id == 7
    await tickets.reply(Reply(id, "ecco", lock_token=str(new.lock_token)), second)


async def test_a_second_tab_of_the_session_gets_the_same_token() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    assert await stage.locked(id, anna) == await stage.locked(id, anna)


async def test_a_lock_let_go_is_taken_anew_with_another_token() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    first = await stage.locked(id, anna)
    await stage.expire(id)
    second = await stage.locked(id, anna)
    await locks.release(id, second, anna)
    third = await stage.locked(id, anna)
    assert int(first) + 2 == int(second) + 1 == int(third)


async def test_acquiring_elsewhere_gives_back_the_first() -> None:
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    one, two = await stage.opened(), await stage.opened()
    token = await stage.locked(two, anna)
    await stage.locked(one, anna)
    assert (await stage.row(two)).lock_holder_id is None
    with pytest.raises(LockLost):
        await locks.renew(two, token, anna)
    await locks.acquire(two, bruno)


async def test_a_refused_acquisition_gives_nothing_back() -> None:
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    mine, theirs = await stage.opened(), await stage.opened()
    token = await stage.locked(mine, anna)
    await stage.locked(theirs, bruno)
    with pytest.raises(TicketLocked) as caught:
        await locks.acquire(theirs, anna)
    assert caught.value.lock.operator_id == bruno.id
    await locks.renew(mine, token, anna)


async def test_an_expired_lock_is_free_for_another() -> None:
    id = await stage.opened()
    await stage.locked(id, await stage.operator("anna"))
    await stage.expire(id)
    bruno = await stage.operator("bruno")
    assert (await locks.acquire(id, bruno)).lock_holder_id == bruno.id


async def test_who_may_not_lock() -> None:
    id = await stage.opened()
    for stranger in ("carla", "dino"):
        with pytest.raises(NotFound):
            await locks.acquire(id, await stage.operator(stranger))
    with pytest.raises(NotFound):
        await locks.acquire(id + 1, await stage.operator("anna"))
    await stage.let("bruno", Right.TICKETS_VIEW)
    with pytest.raises(NotPermitted):
        await locks.acquire(id, await stage.operator("bruno"))
    anna = await stage.operator("anna")
    await tickets.close(Close(id), anna)
    with pytest.raises(TicketAlreadyClosed):
        await locks.acquire(id, anna)
    admin = await stage.operator("admin")
    await tickets.delete(id, admin)
    with pytest.raises(NotFound):
        await locks.acquire(id, admin)


async def test_renewing_begins_the_lease_anew() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    token = await stage.locked(id, anna)
    soon = await clock() + timedelta(seconds=5)
    await Ticket.filter(id=id).update(lock_expires=soon)
    renewed = await locks.renew(id, token, anna)
    assert renewed.lock_expires is not None
    assert renewed.lock_expires > soon
    assert renewed.lock_token == int(token)


@pytest.mark.parametrize("what", ["renew", "release"])
async def test_renew_and_release_want_the_current_token(what: str) -> None:
    act = getattr(locks, what)
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    token = await stage.locked(id, anna)
    for bad in (str(int(token) + 1), "", "-1", "x\0", "9" * 40):
        with pytest.raises(LockLost):
            await act(id, bad, anna)
    with pytest.raises(LockLost) as caught:
        await act(id, token, bruno)
    assert caught.value.holder is not None
    assert caught.value.holder.operator_id == anna.id
    with pytest.raises(NotFound):
        await act(id, token, await stage.operator("carla"))
    await stage.expire(id)
    with pytest.raises(LockLost):
        await act(id, token, anna)


async def test_releasing_frees_and_keeps_the_token() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    token = await stage.locked(id, anna)
    freed = await locks.release(id, token, anna)
    assert (freed.lock_holder_id, freed.lock_session_id, freed.lock_expires) == (None, None, None)
    assert freed.lock_token == int(token)
    assert freed.seq == 1


async def test_leaving_gives_back_only_ones_own() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await stage.locked(id, anna)
    await locks.leave(id, await stage.operator("bruno"))
    assert (await stage.row(id)).lock_holder_id == anna.id
    await locks.leave(id, await stage.operator("anna", session=7))
    assert (await stage.row(id)).lock_holder_id is None
    await locks.leave(id, anna)
    with pytest.raises(NotFound):
        await locks.leave(id, await stage.operator("carla"))


async def test_lapsing_ends_that_lock_and_no_later_one() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    old = int(await stage.locked(id, anna))
    await stage.locked(id, await stage.operator("anna", session=7))
    await locks.lapse(id, anna.id, old)
    assert (await stage.row(id)).lock_holder_id == anna.id
    await locks.lapse(id, anna.id, old + 1)
    assert (await stage.row(id)).lock_holder_id is None


async def test_a_feed_keeps_the_lock_only_while_its_holder_types() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await stage.locked(id, anna)
    soon = await clock() + timedelta(seconds=5)

    async def kept(session: int) -> bool:
        await Ticket.filter(id=id).update(lock_expires=soon)
        await locks.keep(id, anna.id, session)
        expires = (await stage.row(id)).lock_expires
        assert expires is not None
        return expires > soon

    assert not await kept(anna.session_id)
    await drafts.save(SaveDraft(id, DraftKind.NOTE, "n", (), 0), anna)
    assert not await kept(anna.session_id)
    await drafts.save(SaveDraft(id, DraftKind.REPLY, "r", (), 0), anna)
    assert await kept(anna.session_id)
    assert not await kept(7)
    await Draft.filter(ticket_id=id).update(saved_at=await clock() - timedelta(minutes=6))
    assert not await kept(anna.session_id)


async def test_contacts_are_never_blocked() -> None:
    id = await stage.opened()
    await stage.locked(id, await stage.operator("anna"))
    await tickets.post(Post(id, "ancora"), await stage.contact("mario"))
    after = await stage.row(id)
    assert after.seq == 2
    assert after.reply_lock is not None
