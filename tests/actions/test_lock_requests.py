"""Asking for the lock, and handing it over."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from actions import locks, sessions, tickets
from actions.locks.asking import MOST
from actions.refusals import InvalidInput, LockLost, NotFound, NotPermitted, TicketAlreadyClosed
from actions.tickets.requests import AddNote, Close, Reply
from models.callers import OperatorCaller
from models.desk import CategoryGrant
from models.enums import Right
from models.people import Operator
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def asked_of(ticket_id: int) -> list[tuple[int, int]]:
    """Who asks, by which session."""
    row = await stage.row(ticket_id)
    return [(one.operator_id, one.session_id) for one in row.lock_requests]


async def contested() -> tuple[int, OperatorCaller, str, OperatorCaller]:
    """Anna holds the lock, Bruno has asked for it."""
    anna, bruno = await stage.signed_in("anna"), await stage.signed_in("bruno")
    id = await stage.opened()
    token = await stage.locked(id, anna)
    await locks.request(id, bruno)
    return id, anna, token, bruno


async def test_who_asks_is_kept_once_and_the_lock_stays() -> None:
    id, anna, token, bruno = await contested()
    before = await stage.row(id)
    assert await asked_of(id) == [(bruno.id, bruno.session_id)]
    assert before.lock_requests[0].number == before.revision
    assert (before.lock_holder_id, before.lock_token) == (anna.id, int(token))
    again = await locks.request(id, bruno)
    assert stage.columns(await stage.row(id)) == stage.columns(before) == stage.columns(again)
    admin = await stage.operator("admin")
    await locks.request(id, admin)
    elsewhere = await stage.operator("bruno", session=7)
    await locks.request(id, elsewhere)
    assert await asked_of(id) == [(admin.id, admin.session_id), (bruno.id, 7)]
    row = await stage.row(id)
    assert row.lock_requests[1].number == before.revision, "the holder was told of Bruno"
    assert row.seq == 1


async def test_a_free_lock_is_taken_and_ones_own_is_kept() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    other = await stage.opened()
    await stage.locked(other, anna)
    held = await locks.request(id, anna)
    assert (held.lock_holder_id, held.lock_token) == (anna.id, 1)
    assert (await stage.row(other)).reply_lock is None
    assert (await locks.request(id, anna)).lock_token == 1
    await stage.expire(id)
    bruno = await stage.operator("bruno")
    assert (await locks.request(id, bruno)).lock_holder_id == bruno.id
    assert await asked_of(id) == []


async def test_asking_gives_nothing_back() -> None:
    id, _, _, bruno = await contested()
    mine = await stage.opened()
    token = await stage.locked(mine, bruno)
    await locks.request(id, bruno)
    await locks.renew(mine, token, bruno)


async def test_no_more_are_kept_than_anybody_reads() -> None:
    id, _, _, _ = await contested()
    someone = await Operator.get(email="bruno@demo.test")
    for number in range(MOST + 2):
        await Operator.create(
            name=f"N{number}",
            email=f"n{number}@demo.test",
            password_hash="",
            role_id=(await Operator.get(email="admin@demo.test")).role_id,
        )
    await stage.changed()
    crowd = [await stage.operator(f"n{number}") for number in range(MOST + 2)]
    for one in crowd:
        await locks.request(id, one)
    assert [by for by, _ in await asked_of(id)] == [one.id for one in crowd[2:]]
    assert someone.id not in [by for by, _ in await asked_of(id)]


async def test_who_may_not_ask() -> None:
    id, anna, token, _ = await contested()
    for stranger in ("carla", "dino"):
        with pytest.raises(NotFound):
            await locks.request(id, await stage.operator(stranger))
    await stage.let("bruno", Right.TICKETS_VIEW)
    with pytest.raises(NotPermitted):
        await locks.request(id, await stage.operator("bruno"))
    await tickets.close(Close(id, lock_token=token), anna)
    with pytest.raises(TicketAlreadyClosed):
        await locks.request(id, anna)


Act = Callable[[int, OperatorCaller, str], Awaitable[Any]]


async def release(id: int, by: OperatorCaller, token: str) -> None:
    await locks.release(id, token, by)


async def leave(id: int, by: OperatorCaller, _token: str) -> None:
    await locks.leave(id, by)


async def reply(id: int, by: OperatorCaller, token: str) -> None:
    await tickets.reply(Reply(id, "ecco", lock_token=token), by)


async def close(id: int, by: OperatorCaller, token: str) -> None:
    await tickets.close(Close(id, lock_token=token), by)


async def taken_over(id: int, _by: OperatorCaller, _token: str) -> None:
    await locks.take_over(id, None, await stage.operator("admin"))


async def elsewhere(_id: int, by: OperatorCaller, _token: str) -> None:
    await locks.acquire(await stage.opened(), by)


async def lapsed(id: int, by: OperatorCaller, token: str) -> None:
    await locks.lapse(id, by.id, int(token))


async def signed_out(_id: int, by: OperatorCaller, _token: str) -> None:
    await sessions.sign_out(by.session_id)


ENDS = [release, leave, reply, close, taken_over, elsewhere, lapsed, signed_out]


async def test_a_request_ends_with_the_lock(subtests: pytest.Subtests) -> None:
    for act in ENDS:
        with subtests.test(act=act.__name__):
            id, anna, token, _ = await contested()
            await act(id, anna, token)
            assert (await stage.row(id)).lock_asked == []


async def test_a_request_ends_with_the_lease_too() -> None:
    id, anna, _, _ = await contested()
    await stage.expire(id)
    assert await asked_of(id) == []
    await stage.locked(id, anna)
    assert await asked_of(id) == []


async def test_a_request_outlives_renewal_note_and_another_session_of_the_holder() -> None:
    id, anna, token, bruno = await contested()
    await locks.renew(id, token, anna)
    await tickets.add_note(AddNote(id, "nota"), anna)
    await stage.locked(id, await stage.operator("anna", session=7))
    assert await asked_of(id) == [(bruno.id, bruno.session_id)]


async def test_handing_over() -> None:
    id, anna, token, bruno = await contested()
    others = [await stage.opened(), await stage.opened()]
    await stage.locked(others[0], bruno)
    before = await stage.row(id)
    given = await locks.hand_over(id, token, bruno.id, anna)
    row = await stage.row(id)
    assert stage.columns(given) == stage.columns(row)
    assert (row.lock_holder_id, row.lock_session_id) == (bruno.id, bruno.session_id)
    assert row.lock_token == int(token) + 1
    assert row.lock_expires is not None
    assert before.lock_expires is not None
    assert row.lock_expires > before.lock_expires
    assert (row.seq, row.revision, row.lock_asked) == (1, before.revision + 1, [])
    assert (await stage.row(others[0])).reply_lock is None
    with pytest.raises(LockLost):
        await locks.hand_over(id, token, bruno.id, anna)
    await tickets.reply(Reply(id, "ecco", lock_token=str(row.lock_token)), bruno)


async def lose_sight(bruno: OperatorCaller) -> None:
    await CategoryGrant.filter(operator_id=bruno.id).delete()
    await stage.changed()


async def lose_write(_bruno: OperatorCaller) -> None:
    await stage.let("bruno", Right.TICKETS_VIEW)


async def sign_out(bruno: OperatorCaller) -> None:
    await sessions.sign_out(bruno.session_id)


async def run_out(bruno: OperatorCaller) -> None:
    past = await clock() - timedelta(seconds=1)
    await Session.filter(id=bruno.session_id).update(expires_at=past)


async def be_shut_out(bruno: OperatorCaller) -> None:
    await Operator.filter(id=bruno.id).update(active=False)
    await stage.changed()


@pytest.mark.parametrize("change", [lose_sight, lose_write, sign_out, run_out, be_shut_out])
async def test_not_to_who_can_no_longer_reply(
    change: Callable[[OperatorCaller], Awaitable[None]],
) -> None:
    id, anna, token, bruno = await contested()
    other = await stage.opened()
    await Ticket.filter(id=other).update(
        lock_holder_id=bruno.id, lock_expires=await clock() + timedelta(minutes=1)
    )
    await change(bruno)
    with pytest.raises(InvalidInput) as caught:
        await locks.hand_over(id, token, bruno.id, anna)
    assert [one.path for one in caught.value.fields] == [("handTo",)]
    assert (await stage.row(other)).lock_holder_id == bruno.id, "nothing was written"
    await locks.renew(id, token, anna)


async def test_not_to_who_did_not_ask() -> None:
    id, anna, token, bruno = await contested()
    admin = await stage.signed_in("admin")
    for stranger in (admin.id, anna.id, 0):
        with pytest.raises(InvalidInput) as caught:
            await locks.hand_over(id, token, stranger, anna)
        assert [one.path for one in caught.value.fields] == [("handTo",)]
    await locks.renew(id, token, anna)
    with pytest.raises(LockLost) as lost:
        await locks.hand_over(id, str(int(token) + 1), bruno.id, anna)
    assert lost.value.holder is not None
    with pytest.raises(LockLost):
        await locks.hand_over(id, token, bruno.id, bruno)
    with pytest.raises(NotFound):
        await locks.hand_over(id, token, bruno.id, await stage.operator("carla"))
    await stage.expire(id)
    with pytest.raises(LockLost):
        await locks.hand_over(id, token, bruno.id, anna)


async def test_a_token_that_may_only_read_is_given_nothing() -> None:
    id, anna, token, bruno = await contested()
    reader = await stage.signed_in("bruno", [Right.TICKETS_VIEW])
    writer = await stage.signed_in("bruno", [Right.TICKETS_VIEW, Right.TICKETS_WRITE])
    with pytest.raises(NotPermitted):
        await locks.request(id, reader)
    await locks.request(id, writer)
    given = await locks.hand_over(id, token, bruno.id, anna)
    assert given.lock_session_id == writer.session_id


async def test_two_who_hand_over_to_each_other_both_succeed() -> None:
    anna, bruno = await stage.signed_in("anna"), await stage.signed_in("bruno")
    for _ in range(5):
        one, two = await stage.opened(), await stage.opened()
        tokens = [await stage.locked(one, anna), await stage.locked(two, bruno)]
        await locks.request(one, bruno)
        await locks.request(two, anna)
        answers = await asyncio.gather(
            locks.hand_over(one, tokens[0], bruno.id, anna),
            locks.hand_over(two, tokens[1], anna.id, bruno),
            return_exceptions=True,
        )
        # The first to be done gives back the other's lock: who hands that over comes too late.
        assert any(isinstance(answer, Ticket) for answer in answers)
        assert all(isinstance(answer, Ticket | LockLost) for answer in answers), answers
        holders = [(await stage.row(id)).lock_holder_id for id in (one, two)]
        assert len([one for one in holders if one is not None]) == 1
