"""The turn table of domain.md row by row, and the timeline of writing.md exactly."""

import pytest

from actions import tickets
from actions.tickets.requests import (
    AddNote,
    Assign,
    ChangeCategory,
    ChangeLevel,
    Close,
    Open,
    Post,
    Reply,
    Transfer,
    Update,
)
from models.enums import DeliveryState, Level, TicketSource, Turn
from models.timeline import TimelineEntry
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def open_for(**fields: bool | TicketSource) -> int:
    request = Open(
        "Per lei",
        "testo",
        contact_email="mario@demo.test",
        category_id=await stage.category(stage.RINNOVO),
    )
    for name, value in fields.items():
        object.__setattr__(request, name, value)
    return (await tickets.open_for(request, by=await stage.operator("anna"))).ticket.id


async def test_the_timeline_of_the_specification() -> None:
    id = await stage.opened("mario")
    mario, anna, bruno = (
        await stage.contact("mario"),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    await tickets.assign(Assign(id, ("operator", anna.id)), bruno)
    await tickets.reply(Reply(id, "una risposta"), anna)
    await tickets.add_note(AddNote(id, "una nota"), bruno)
    await tickets.post(Post(id, "un messaggio"), mario)
    await tickets.reply(Reply(id, "l'ultima", close_after_sending=True), anna)
    assert await stage.told(id) == [
        (1, "CONTACT_MESSAGE", "OPERATOR"),
        (2, "ASSIGNED", "OPERATOR"),
        (3, "OPERATOR_REPLY", "CONTACT"),
        (4, "INTERNAL_NOTE", "CONTACT"),
        (5, "CONTACT_MESSAGE", "OPERATOR"),
        (6, "OPERATOR_REPLY", "CONTACT"),
        (7, "CLOSED", "CLOSED"),
    ]
    entries = await stage.timeline(id)
    assert [one.operator_id for one in entries] == [
        None, bruno.id, anna.id, bruno.id, None, anna.id, anna.id
    ]  # fmt: skip
    assert [one.visible_number for one in entries] == [1, None, 2, None, 3, 4, None]
    assert entries[1].changes == [["assignee", None, "Anna"]]
    row = await stage.row(id)
    assert (row.turn, row.seq, row.visible_seq, row.revision) == (Turn.CLOSED, 7, 4, 6)
    assert row.first_reply_at == entries[2].created_at
    assert row.last_operator_reply_at == row.closed_at == entries[5].created_at
    assert row.last_contact_post_at == entries[4].created_at
    assert (row.last_post_number, row.last_post_excerpt) == (6, "l'ultima")


async def test_contact_opens_and_posts() -> None:
    id = await stage.opened()
    assert await stage.told(id) == [(1, "CONTACT_MESSAGE", "OPERATOR")]
    await tickets.reply(Reply(id, "ecco"), await stage.operator("anna"))
    await tickets.post(Post(id, "e poi?"), await stage.contact("mario"))
    assert (await stage.told(id))[1:] == [
        (2, "OPERATOR_REPLY", "CONTACT"),
        (3, "CONTACT_MESSAGE", "OPERATOR"),
    ]


async def test_operator_opens_for_a_contact() -> None:
    id = await open_for()
    assert await stage.told(id) == [(1, "OPERATOR_REPLY", "CONTACT")]
    row, (entry,) = await stage.row(id), await stage.timeline(id)
    assert row.creator_id == entry.operator_id == (await stage.operator("anna")).id
    assert row.source is TicketSource.OPERATOR
    assert row.chosen_category_id is None
    assert entry.delivery is DeliveryState.NOT_SENT
    assert row.first_reply_at is None


async def test_operator_opens_and_closes_after_sending() -> None:
    id = await open_for(close_after_sending=True)
    assert await stage.told(id) == [(1, "OPERATOR_REPLY", "CONTACT"), (2, "CLOSED", "CLOSED")]
    assert (await stage.row(id)).closed_at is not None


async def test_the_contacts_words_written_down_by_an_operator() -> None:
    id = await open_for(on_behalf_of_contact=True, source=TicketSource.PHONE)
    assert await stage.told(id) == [(1, "CONTACT_MESSAGE", "OPERATOR")]
    row, (entry,) = await stage.row(id), await stage.timeline(id)
    assert (entry.contact_id, entry.operator_id) == (row.contact_id, None)
    assert (entry.source, entry.verified) == (TicketSource.PHONE, False)
    assert row.last_contact_post_at == entry.created_at
    both = await open_for(on_behalf_of_contact=True, close_after_sending=True)
    assert await stage.told(both) == [(1, "CONTACT_MESSAGE", "OPERATOR"), (2, "CLOSED", "CLOSED")]


@pytest.mark.parametrize("turn", ["OPERATOR", "CONTACT"])
async def test_what_leaves_the_turn_alone(turn: str) -> None:
    id, bruno = await stage.opened(), await stage.operator("bruno")
    if turn == "CONTACT":
        await tickets.reply(Reply(id, "ecco"), bruno)
    before = await stage.row(id)
    await tickets.add_note(AddNote(id, "nota"), bruno)
    await tickets.change_level(ChangeLevel(id, Level.ADVANCED), bruno)
    await tickets.change_level(ChangeLevel(id, Level.BASE), bruno)
    await tickets.assign(Assign(id, ("operator", bruno.id)), bruno)
    await tickets.update(Update(id, add_tags=("a",)), bruno)
    admin = await stage.operator("admin")
    await tickets.transfer(Transfer(id, await stage.department("Patronato")), admin)
    await tickets.change_category(ChangeCategory(id, await stage.category(stage.ISEE)), admin)
    told = await stage.told(id)
    assert {one[2] for one in told[before.seq :]} == {turn}
    after = await stage.row(id)
    assert after.turn.value == turn
    assert (after.visible_seq, after.visible_at) == (before.visible_seq, before.visible_at)
    assert (after.last_post_at, after.last_post_number) == (
        before.last_post_at,
        before.last_post_number,
    )
    assert after.updated_at > before.updated_at


async def test_close_with_and_without_a_message() -> None:
    anna = await stage.operator("anna")
    id = await stage.opened()
    await tickets.close(Close(id), anna)
    assert (await stage.told(id))[1:] == [(2, "CLOSED", "CLOSED")]
    id = await stage.opened()
    posted = await tickets.close(Close(id, "<p>Arrivederci"), anna)
    assert (await stage.told(id))[1:] == [(2, "OPERATOR_REPLY", "CONTACT"), (3, "CLOSED", "CLOSED")]
    assert posted.entry is not None
    assert posted.entry.number == 2


async def test_replies_bear_the_departments_name_as_it_was_when_sent() -> None:
    id, dino = await stage.opened(topic=stage.ISEE), await stage.operator("dino")
    posted = await tickets.reply(Reply(id, "ecco"), dino)
    assert posted.entry is not None
    entry = await TimelineEntry.get(id=posted.entry.id)
    assert entry.staff_name == "Ufficio fiscale"
