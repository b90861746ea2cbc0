"""Notes, mentions, files with posts."""

import asyncio
from datetime import timedelta

import pytest

from actions import tickets
from actions.refusals import InvalidInput
from actions.tickets.requests import AddNote, Close, Post, Reply
from models.documents import Document, Upload
from models.enums import EntryKind
from models.people import Operator
from models.sql import clock
from models.tickets import TicketWord
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_a_note_is_internal_in_every_trace() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    before = await stage.row(id)
    file = await stage.upload(anna)
    await tickets.add_note(AddNote(id, "segretissimo aiuto", upload_ids=(file,)), anna)
    after = await stage.row(id)
    assert (after.visible_seq, after.visible_at, after.last_post_number) == (
        before.visible_seq,
        before.visible_at,
        before.last_post_number,
    )
    entry = (await stage.timeline(id))[-1]
    assert (entry.kind, entry.visible_number) == (EntryKind.INTERNAL_NOTE, None)
    document = await Document.get(entry_id=entry.id)
    assert (document.internal, document.from_desk) == (True, True)
    words = {one.word: one.visible for one in await TicketWord.filter(ticket_id=id)}
    assert (words["segretissimo"], words["aiuto"]) == (False, True)
    await tickets.reply(Reply(id, "segretissimo"), anna)
    assert (await TicketWord.get(ticket_id=id, word="segretissimo")).visible


async def test_only_those_who_see_are_mentioned() -> None:
    id, anna, bruno, carla = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
        await stage.operator("carla"),
    )
    with pytest.raises(InvalidInput) as caught:
        await tickets.add_note(AddNote(id, "@", mention_ids=(bruno.id, carla.id, 999)), anna)
    assert [one.path for one in caught.value.fields] == [("mentionIds", "1"), ("mentionIds", "2")]
    mentions = (bruno.id, anna.id, bruno.id)
    posted = await tickets.add_note(AddNote(id, "@", mention_ids=mentions), anna)
    assert posted.entry is not None
    assert posted.entry.mentions == [bruno.id, anna.id]
    await Operator.filter(id=bruno.id).update(active=False)
    await stage.changed()
    with pytest.raises(InvalidInput):
        await tickets.add_note(AddNote(id, "@", mention_ids=(bruno.id,)), anna)


async def test_files_become_documents_in_the_order_given() -> None:
    id, mario = await stage.opened(), await stage.contact("mario")
    files = [await stage.upload(mario, f"{n}.txt") for n in range(5)]
    files.reverse()
    await tickets.post(Post(id, "eccoli", upload_ids=tuple(files)), mario)
    documents = await Document.filter(ticket_id=id).order_by("id")
    assert [one.name for one in documents] == [f"{n}.txt" for n in (4, 3, 2, 1, 0)]
    assert {(one.contact_id, one.from_desk, one.internal) for one in documents} == {
        (mario.id, False, False)
    }
    assert (await stage.row(id)).attachment_count == 5


async def test_files_that_cannot_be_used_are_named() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    used, mine, theirs, old = [
        await stage.upload(one) for one in (anna, anna, bruno, anna)
    ]  # fmt: skip
    await Upload.filter(id=old).update(created_at=await clock() - timedelta(hours=25))
    await tickets.reply(Reply(id, "uno", upload_ids=(used,)), anna)
    wrong = (mine, theirs, used, "x", "\0", mine, old, "{" + mine + "}")
    with pytest.raises(InvalidInput) as caught:
        await tickets.reply(Reply(id, "due", upload_ids=wrong), anna)
    assert [one.path for one in caught.value.fields] == [("uploadIds", f"{n}") for n in range(1, 8)]
    with pytest.raises(InvalidInput):
        await tickets.reply(Reply(id, "due", upload_ids=(mine,) * 101), anna)
    with pytest.raises(InvalidInput):
        await tickets.close(Close(id, upload_ids=(mine,)), anna)
    await tickets.close(Close(id, "fine", upload_ids=(mine,)), anna)
    assert await Document.filter(ticket_id=id).count() == 2


async def test_a_file_in_two_posts_at_once_is_used_by_one() -> None:
    """Also when they list their files in opposite orders: nobody deadlocks."""
    anna = await stage.operator("anna")
    for _ in range(5):
        one, two = await stage.opened(), await stage.opened()
        files = tuple([await stage.upload(anna) for _ in range(6)])
        answers = await asyncio.gather(
            tickets.reply(Reply(one, "a", upload_ids=files), anna),
            tickets.reply(Reply(two, "b", upload_ids=files[::-1]), anna),
            return_exceptions=True,
        )
        assert [type(one) for one in answers if isinstance(one, BaseException)] == [InvalidInput]
        assert await Document.filter(ticket_id__in=[one, two]).count() == 6
        assert sorted([(await stage.row(id)).seq for id in (one, two)]) == [1, 2]


async def test_a_refused_post_leaves_its_files_unused() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    file = await stage.upload(anna)
    with pytest.raises(InvalidInput):
        await tickets.reply(Reply(id, " ", upload_ids=(file,)), anna)
    await tickets.reply(Reply(id, "ecco", upload_ids=(file,)), anna)


async def test_odd_characters_in_bodies_are_no_internal_error() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    odd = "a\0b\x01c &#0;&#1;&#x1f; \ud7ff\ue000\uffff 🗝 \u202e"
    await tickets.add_note(AddNote(id, odd), anna)
    await tickets.post(Post(id, odd), await stage.contact("mario"))
    await tickets.close(Close(id, odd), anna)
    for entry in (await stage.timeline(id))[1:4]:
        assert not any(ord(char) < 32 for char in entry.body + entry.body_text)


async def test_a_file_whose_type_is_no_longer_taken_is_not_given() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    plain, other = await stage.upload(anna), await stage.upload(anna, "b.txt")
    before = stage.columns(await stage.row(id))
    for forbidden in (["text/plain"], ["image/*", "text/*"]):
        await stage.changed(forbidden_types=forbidden)
        for act in (
            lambda: tickets.reply(Reply(id, "ecco", upload_ids=(plain, other)), anna),
            lambda: tickets.add_note(AddNote(id, "nota", upload_ids=(plain, other)), anna),
        ):
            with pytest.raises(InvalidInput) as caught:
                await act()
            assert [one.path for one in caught.value.fields] == [
                ("uploadIds", "0"), ("uploadIds", "1"),
            ]  # fmt: skip
            assert "text/plain" in caught.value.fields[0].message
    assert stage.columns(await stage.row(id)) == before
    await stage.changed(forbidden_types=["text/html"])
    assert (await tickets.reply(Reply(id, "ecco", upload_ids=(plain, other)), anna)).entry
