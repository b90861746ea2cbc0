"""Many at once: one holder, one order, and nobody who waited writes on stale grounds."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from actions import locks, tickets
from actions.refusals import LockLost, NotFound, TicketAlreadyClosed, TicketLocked
from actions.tickets.requests import AddNote, Close, Post, Reply
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.records import EventRecord
from models.sql import clock, connection, is_postgres
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")
asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own


async def test_a_hundred_want_the_lock_and_one_operator_gets_it() -> None:
    id = await stage.opened()
    sessions = [
        await stage.operator(name, session)
        for session in range(1, 35)
        for name in ("anna", "bruno", "admin")
    ][:100]
    answers = await asyncio.gather(
        *(locks.acquire(id, one) for one in sessions), return_exceptions=True
    )
    held = [one for one in answers if isinstance(one, Ticket)]
    refused = [one for one in answers if isinstance(one, TicketLocked)]
    assert len(held) + len(refused) == 100
    row = await stage.row(id)
    assert {one.lock_holder_id for one in held} == {row.lock_holder_id}
    assert {one.lock.operator_id for one in refused} == {row.lock_holder_id}
    tokens = sorted(one.lock_token for one in held)
    assert tokens == list(range(1, len(held) + 1))
    assert row.lock_token == tokens[-1]
    assert (row.seq, row.revision) == (1, 1 + len(held))


async def test_many_who_go_from_ticket_to_ticket_hold_one_each() -> None:
    ids = [await stage.opened() for _ in range(4)]
    people = [await stage.operator(name) for name in ("anna", "bruno", "admin")]
    wishes = [locks.acquire(id, one) for _ in range(4) for id in ids for one in people]
    for answer in await asyncio.gather(*wishes, return_exceptions=True):
        assert isinstance(answer, (Ticket, TicketLocked)), answer
    holders = [row.lock_holder_id for row in [await stage.row(id) for id in ids]]
    taken = [one for one in holders if one is not None]
    assert taken
    assert len(taken) == len(set(taken))


async def test_two_hundred_replies_make_one_gapless_line() -> None:
    id = await stage.opened()
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    await asyncio.gather(
        *(
            tickets.reply(Reply(id, f"{n}"), by)
            if n % 10
            else tickets.add_note(AddNote(id, "n"), by)
            for n in range(100)
            for by in (anna, bruno)
        )
    )
    row, entries = await stage.row(id), await stage.timeline(id)
    assert [one.number for one in entries] == list(range(1, 202))
    visible = [one.visible_number for one in entries if one.visible_number is not None]
    assert visible == list(range(1, 182))
    assert (row.seq, row.visible_seq, row.revision) == (201, 181, 201)
    assert {one.operator_id for one in entries[1:]} == {anna.id, bruno.id}
    times = [one.created_at for one in entries]
    assert times == sorted(times)
    committed = await EventRecord.filter(ticket_id=id).order_by("id")
    assert [one.data["entries"] for one in committed] == [[n] for n in range(1, 202)]


@asynccontextmanager
async def row_held(url: str, id: int) -> AsyncGenerator[Callable[[str], Awaitable[None]]]:
    """Somebody else's transaction has the row; yields how it changes it. Ends with a commit."""
    if url.startswith("sqlite"):
        opened, done = asyncio.Event(), asyncio.Event()

        async def body() -> None:
            opened.set()
            await done.wait()

        async def change(assignments: str) -> None:
            changes.append(assignments)

        changes: list[str] = []

        async def hold() -> None:
            await body()
            for assignments in changes:
                await connection().execute_query(f"UPDATE ticket SET {assignments} WHERE id = {id}")

        task = asyncio.create_task(unit_of_work(hold))
        await opened.wait()
        yield change
        done.set()
        await task
        return
    other = await asyncpg.connect(url.replace("postgres://", "postgresql://"))
    try:
        transaction = other.transaction()
        await transaction.start()
        await other.execute(f"SELECT 1 FROM ticket WHERE id = {id} FOR UPDATE")

        async def alter(assignments: str) -> None:
            await other.execute(f"UPDATE ticket SET {assignments} WHERE id = {id}")

        yield alter
        await transaction.commit()
    finally:
        await other.close()


async def waiting(id: int) -> None:
    """Return once a writer stands in the queue for the row (on SQLite: for the process lock)."""
    if not is_postgres():
        for _ in range(5):
            await asyncio.sleep(0)
        return
    query = "SELECT count(*) AS n FROM pg_locks WHERE NOT granted"
    for _ in range(1000):
        if (await connection().execute_query_dict(query))[0]["n"]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def refused_after(
    url: str, id: int, assignments: str, act: Awaitable[Any], refusal: type[Exception]
) -> Any:
    """The refusal of a writer who stood waiting while this happened to the row."""
    before = await stage.row(id)
    async with row_held(url, id) as change:
        task = asyncio.ensure_future(act)
        await waiting(id)
        await change(assignments)
        assert not task.done()
    with pytest.raises(refusal) as caught:
        await task
    after = await stage.row(id)
    assert (after.seq, after.revision) == (before.seq, before.revision)
    return caught.value


async def held() -> tuple[int, OperatorCaller, str]:
    id, anna = await stage.opened(), await stage.operator("anna")
    return id, anna, await stage.locked(id, anna)


LAPSE = "lock_expires = '2020-01-01 00:00:00+00:00'"


async def test_who_waited_past_the_lease_is_refused(database_url: str) -> None:
    id, anna, token = await held()
    reply = tickets.reply(Reply(id, "tardi", lock_token=token), anna)
    assert (await refused_after(database_url, id, LAPSE, reply, LockLost)).holder is None


async def test_a_lease_that_ends_while_one_waits_counts_by_the_clock(database_url: str) -> None:
    """Not by the transaction's start, as now() would have it."""
    id, anna, token = await held()
    soon = await clock() + timedelta(seconds=1)
    await Ticket.filter(id=id).update(lock_expires=soon)
    async with row_held(database_url, id):
        task = asyncio.create_task(tickets.reply(Reply(id, "tardi", lock_token=token), anna))
        await waiting(id)
        await asyncio.sleep(1.1)
        assert await clock() > soon
    with pytest.raises(LockLost):
        await task


async def test_who_waited_while_the_token_moved_is_refused(database_url: str) -> None:
    id, anna, token = await held()
    moved = "lock_token = lock_token + 1, lock_session_id = 7"
    reply = tickets.reply(Reply(id, "vecchio", lock_token=token), anna)
    refusal = await refused_after(database_url, id, moved, reply, LockLost)
    assert refusal.holder.session_id == 7


async def test_who_waited_while_another_took_the_lock_is_refused(database_url: str) -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    anna = await stage.operator("anna")
    taken = (
        f"lock_holder_id = {anna.id}, lock_token = 1, lock_session_id = 1,"
        " lock_expires = '2100-01-01 00:00:00+00:00'"
    )
    note = tickets.add_note(AddNote(id, "anch'io"), bruno)
    await refused_after(database_url, id, taken, note, TicketLocked)


async def test_who_waited_while_it_closed_or_went_is_refused(database_url: str) -> None:
    mario, bruno = await stage.contact("mario"), await stage.operator("bruno")
    id = await stage.opened()
    post = tickets.post(Post(id, "ancora"), mario)
    await refused_after(database_url, id, "turn = 'CLOSED'", post, TicketAlreadyClosed)
    id = await stage.opened()
    gone = "deleted_at = '2020-01-01 00:00:00+00:00'"
    await refused_after(database_url, id, gone, tickets.close(Close(id), bruno), NotFound)


async def test_who_waited_while_it_left_their_sight_is_refused(database_url: str) -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    note = tickets.add_note(AddNote(id, "cieca"), anna)
    await refused_after(database_url, id, "level = 'ADVANCED'", note, NotFound)
