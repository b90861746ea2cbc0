"""The same request twice is done once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from actions import tickets
from actions.refusals import IdempotencyConflict, InvalidInput, NotFound, TicketLocked
from actions.tickets.requests import AddNote, Close, ContactOpen, Open, Post, Reply
from models.enums import Level
from models.people import Contact
from models.records import IdempotencyKey
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_every_action_with_a_key_happens_once() -> None:
    id, anna, mario = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.contact("mario"),
    )
    rinnovo = await stage.category(stage.RINNOVO)
    open_for = Open("S", "b", contact_email="new@demo.test", category_id=rinnovo)
    for twice in (
        lambda: tickets.open_for(replace(open_for, idempotency_key="1"), anna),
        lambda: tickets.open_by_contact(
            ContactOpen("S", "b", category_id=rinnovo, idempotency_key="1"), mario
        ),
        lambda: tickets.post(Post(id, "b", idempotency_key="2"), mario),
        lambda: tickets.add_note(AddNote(id, "b", idempotency_key="2"), anna),
        lambda: tickets.reply(Reply(id, "b", idempotency_key="3"), anna),
        lambda: tickets.close(Close(id, "b", idempotency_key="4"), anna),
    ):
        first, second = await twice(), await twice()
        assert second.ticket.id == first.ticket.id
        assert first.entry is not None
        assert second.entry is not None
        assert second.entry.id == first.entry.id
    assert await Contact.filter(email="new@demo.test").count() == 1
    assert (await stage.row(id)).seq == 6


async def test_a_close_without_words_is_remembered_too() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    for _ in range(2):
        assert (await tickets.close(Close(id, idempotency_key="k"), anna)).entry is None


async def test_twenty_at_once_make_one_entry() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    request = Reply(id, "una volta", idempotency_key="k")
    done = await asyncio.gather(*(tickets.reply(request, anna) for _ in range(20)))
    assert {one.entry.number for one in done if one.entry} == {2}
    assert (await stage.row(id)).seq == 2


async def test_other_input_is_a_conflict_whatever_differs() -> None:
    id, other, anna = await stage.opened(), await stage.opened(), await stage.operator("anna")
    first = Reply(id, "ecco", idempotency_key="k")
    await tickets.reply(first, anna)
    for differs in (
        replace(first, body="altro"),
        replace(first, ticket_id=other),
        replace(first, close_after_sending=True),
        replace(first, last_seen_entry=1),
    ):
        with pytest.raises(IdempotencyConflict):
            await tickets.reply(differs, anna)
    with pytest.raises(IdempotencyConflict):
        await tickets.add_note(AddNote(id, "ecco", idempotency_key="k"), anna)
    assert (await stage.row(id)).seq == 2


async def test_a_refused_attempt_does_not_burn_the_key() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    token = await stage.locked(id, anna)
    request = Reply(id, "ecco", idempotency_key="k")
    with pytest.raises(TicketLocked):
        await tickets.reply(request, bruno)
    assert await IdempotencyKey.all().count() == 0
    await tickets.reply(Reply(id, "ecco", lock_token=token), anna)
    await tickets.reply(request, bruno)
    assert (await stage.row(id)).seq == 3


async def test_refused_at_once_with_one_that_may() -> None:
    """Those who waited for a first that was refused try for themselves."""
    id, anna = await stage.opened(), await stage.operator("anna")
    request = Reply(id, " ", idempotency_key="k")
    good = replace(request, body="ecco")
    done = await asyncio.gather(
        *(tickets.reply(request if n % 2 else good, anna) for n in range(20)),
        return_exceptions=True,
    )
    refusals = [one for one in done if isinstance(one, BaseException)]
    assert len(refusals) == 10
    assert all(isinstance(one, (InvalidInput, IdempotencyConflict)) for one in refusals)
    assert (await stage.row(id)).seq == 2


async def test_after_a_day_a_key_is_new() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.reply(Reply(id, "ieri", idempotency_key="k"), anna)

    async def ago(**delta: int) -> None:
        await IdempotencyKey.all().update(created_at=await clock() - timedelta(**delta))

    await ago(hours=23, minutes=59)
    with pytest.raises(IdempotencyConflict):
        await tickets.reply(Reply(id, "oggi", idempotency_key="k"), anna)
    await ago(hours=24, seconds=1)
    posted = await tickets.reply(Reply(id, "oggi", idempotency_key="k"), anna)
    again = await tickets.reply(Reply(id, "oggi", idempotency_key="k"), anna)
    assert posted.entry is not None
    assert again.entry is not None
    assert posted.entry.number == again.entry.number == 3


async def test_keys_are_each_callers_own() -> None:
    id = await stage.opened()
    for name in ("anna", "bruno"):
        await tickets.reply(Reply(id, "k", idempotency_key="k"), await stage.operator(name))
    for name in ("sara", "samuel"):
        await tickets.open_by_contact(
            ContactOpen("S", "b", await stage.category(stage.RINNOVO), idempotency_key="k"),
            await stage.contact(name),
        )
    assert (await stage.row(id)).seq == 3
    assert await Ticket.all().count() == 3


async def test_a_repeat_shows_what_may_be_seen_now() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    request = Reply(id, "ecco", idempotency_key="k")
    await tickets.reply(request, anna)
    await Ticket.filter(id=id).update(level=Level.ADVANCED)
    with pytest.raises(NotFound):
        await tickets.reply(request, anna)
    assert (await stage.row(id)).seq == 2


async def test_keys_no_database_takes() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    for key in ("", "x" * 201, "a\0b"):
        with pytest.raises(InvalidInput) as caught:
            await tickets.reply(Reply(id, "ecco", idempotency_key=key), anna)
        assert caught.value.fields[0].path == ("idempotencyKey",)
    await tickets.reply(Reply(id, "ecco", idempotency_key="ключ 🗝 \x01" + "x" * 190), anna)
