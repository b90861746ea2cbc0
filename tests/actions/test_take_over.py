"""Taking the lock from its holder: by right, recorded, and never both of two."""

import asyncio

import pytest

from actions import locks, tickets
from actions.refusals import (
    InvalidInput,
    LockLost,
    NotFound,
    NotPermitted,
    TicketAlreadyClosed,
    TicketLocked,
)
from actions.texts import BODY_LIMIT_BYTES
from actions.tickets.requests import Close, Reply
from models.enums import Right
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")
TAKER = (Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.TAKE_OVER_LOCK)


async def test_from_another_it_is_recorded_and_the_token_moves() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    token = await stage.locked(id, anna)
    admin = await stage.operator("admin")
    before = await stage.row(id)
    taken = await locks.take_over(id, " Anna è in ferie. ", admin)
    row = await stage.row(id)
    assert stage.columns(taken) == stage.columns(row)
    assert (row.lock_holder_id, row.lock_session_id) == (admin.id, admin.session_id)
    assert row.lock_token == int(token) + 1
    assert (row.seq, row.revision) == (before.seq + 1, before.revision + 1)
    assert row.turn is before.turn
    assert row.visible_at == before.visible_at
    assert await stage.events(id) == [("LOCK_TAKEN_OVER", [["lock", "Anna", "Admin"]])]
    entry = (await stage.timeline(id))[-1]
    assert (entry.operator_id, entry.note) == (admin.id, "Anna è in ferie.")
    with pytest.raises(LockLost) as caught:
        await tickets.reply(Reply(id, "mia", lock_token=token), anna)
    assert caught.value.holder is not None
    assert caught.value.holder.operator_id == admin.id
    with pytest.raises(LockLost):
        await locks.release(id, token, anna)
    await tickets.reply(Reply(id, "ecco", lock_token=str(row.lock_token)), admin)


@pytest.mark.parametrize("how", ["free", "expired", "mine", "my other session"])
async def test_without_another_holder_it_is_an_acquisition(how: str) -> None:
    id, admin = await stage.opened(), await stage.operator("admin")
    token = 0
    if how == "expired":
        token = int(await stage.locked(id, await stage.operator("anna")))
        await stage.expire(id)
    elif how != "free":
        other = await stage.operator("admin", session=7) if how != "mine" else admin
        token = int(await stage.locked(id, other))
    taken = await locks.take_over(id, "perché", admin)
    assert (taken.lock_holder_id, taken.lock_session_id) == (admin.id, admin.session_id)
    assert taken.lock_token == (token if how == "mine" else token + 1)
    assert await stage.events(id) == []


async def test_a_lock_elsewhere_is_given_back() -> None:
    admin, anna = await stage.operator("admin"), await stage.operator("anna")
    one, two, three = [await stage.opened() for _ in range(3)]
    await stage.locked(one, admin)
    await stage.locked(two, anna)
    await locks.take_over(two, None, admin)
    assert (await stage.row(one)).reply_lock is None
    await stage.locked(three, anna)
    assert (await stage.row(two)).lock_holder_id == admin.id


async def test_who_may_not() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    mine = await stage.opened()
    token = await stage.locked(id, anna)
    for stranger in ("carla", "dino"):
        with pytest.raises(NotFound):
            await locks.take_over(id, None, await stage.operator(stranger))
    bruno = await stage.operator("bruno")
    kept = await stage.locked(mine, bruno)
    with pytest.raises(NotPermitted) as caught:
        await locks.take_over(id, None, bruno)
    assert caught.value.action == "TAKE_OVER_LOCK"
    await stage.let("bruno", Right.TICKETS_VIEW, Right.TAKE_OVER_LOCK)
    with pytest.raises(NotPermitted):
        await locks.take_over(id, None, await stage.operator("bruno"))
    await locks.renew(mine, kept, bruno)
    await stage.let("bruno", *TAKER)
    bruno = await stage.operator("bruno")
    with pytest.raises(InvalidInput) as wrong:
        await locks.take_over(id, "x" * (BODY_LIMIT_BYTES + 1), bruno)
    assert [one.path for one in wrong.value.fields] == [("reason",)]
    await locks.renew(id, token, anna)
    await locks.renew(mine, kept, bruno)
    await locks.take_over(id, None, bruno)
    await tickets.close(Close(id), bruno)
    with pytest.raises(TicketAlreadyClosed):
        await locks.take_over(id, None, bruno)
    await tickets.delete(id, await stage.operator("admin"))
    with pytest.raises(NotFound):
        await locks.take_over(id, None, await stage.operator("admin"))
    assert await stage.events(id) == [
        ("LOCK_TAKEN_OVER", [["lock", "Anna", "Bruno"]]),
        ("CLOSED", []),
        ("DELETED", []),
    ]


async def test_two_who_race_take_it_one_after_the_other() -> None:
    await stage.let("bruno", *TAKER)
    id, anna = await stage.opened(), await stage.operator("anna")
    token = int(await stage.locked(id, anna))
    racers = [await stage.operator("admin"), await stage.operator("bruno")]
    taken = await asyncio.gather(*(locks.take_over(id, None, one) for one in racers * 5))
    row, events = await stage.row(id), await stage.events(id)
    assert [one.number for one in await stage.timeline(id)] == list(range(1, row.seq + 1))
    holder = "Anna"
    for kind, ((field, before, after),) in events:
        assert (kind, field, before) == ("LOCK_TAKEN_OVER", "lock", holder)
        assert after in {"Admin", "Bruno"} - {holder}
        holder = after or ""
    assert {one.operator.name for one in racers if one.id == row.lock_holder_id} == {holder}
    assert row.lock_token == token + len(events) == max(one.lock_token for one in taken)


async def test_each_takes_the_others_and_nobody_waits_for_ever() -> None:
    await stage.let("bruno", *TAKER)
    admin, bruno = await stage.operator("admin"), await stage.operator("bruno")
    ids = [await stage.opened() for _ in range(3)]
    for _ in range(5):
        await asyncio.gather(
            *(locks.take_over(id, None, one) for id in ids for one in (admin, bruno)),
            *(locks.request(id, one) for id in ids for one in (admin, bruno)),
        )
        holders = [(await stage.row(id)).lock_holder_id for id in ids]
        taken = [one for one in holders if one is not None]
        assert taken
        assert len(taken) == len(set(taken)), "two locks of one operator"


@pytest.mark.parametrize("first", ["reply", "take over"])
async def test_a_reply_in_flight_is_before_or_after_and_never_both(first: str) -> None:
    anna, admin = await stage.operator("anna"), await stage.operator("admin")
    for _ in range(10):
        id = await stage.opened()
        token = await stage.locked(id, anna)
        acts = [
            tickets.reply(Reply(id, "mia", lock_token=token), anna),
            locks.take_over(id, None, admin),
        ]
        answers = await asyncio.gather(
            *(acts if first == "reply" else reversed(acts)), return_exceptions=True
        )
        reply, taken = answers if first == "reply" else answers[::-1]
        assert isinstance(taken, Ticket)
        told = [what for _, what, _ in await stage.told(id)]
        if isinstance(reply, LockLost):
            assert told == ["CONTACT_MESSAGE", "LOCK_TAKEN_OVER"]
        else:
            assert not isinstance(reply, BaseException), reply
            assert told == ["CONTACT_MESSAGE", "OPERATOR_REPLY"]
        row = await stage.row(id)
        assert (row.lock_holder_id, row.lock_token) == (admin.id, int(token) + 1)
        with pytest.raises(TicketLocked):
            await tickets.reply(Reply(id, "ancora"), anna)
