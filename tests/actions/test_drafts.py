"""Unsent texts and read marks: what is an operator's own."""

import asyncio

import pytest

from actions import drafts, locks, read_marks, tickets
from actions.drafts import SaveDraft
from actions.refusals import DraftConflict, InvalidInput, NotFound
from actions.tickets.requests import AddNote, Close, Reply
from models.drafts import Draft, ReadMark
from models.enums import DraftKind
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")
REPLY, NOTE = DraftKind.REPLY, DraftKind.NOTE


async def save(id: int, body: str, base: int, name: str = "anna", kind: DraftKind = REPLY) -> Draft:
    return await drafts.save(SaveDraft(id, kind, body, (), base), await stage.operator(name))


async def test_each_ones_own_by_ticket_and_kind() -> None:
    one, two = await stage.opened(), await stage.opened()
    for id in (one, two):
        for name in ("anna", "bruno"):
            for kind in (REPLY, NOTE):
                assert (await save(id, f"{id}{name}{kind}", 0, name, kind)).revision == 1
    assert await Draft.all().count() == 8
    before = await stage.row(one)
    assert (await save(one, "due", 1)).revision == 2
    assert stage.columns(await stage.row(one)) == stage.columns(before)


async def test_an_older_revision_is_a_conflict_with_the_newer_text() -> None:
    id = await stage.opened()
    await save(id, "uno", 0)
    await save(id, "due", 1)
    for base in (0, 1, 3, -1):
        with pytest.raises(DraftConflict) as caught:
            await save(id, "altro", base)
        assert (caught.value.draft.body, caught.value.draft.revision) == ("due", 2)
    assert (await save(id, "tre", 2)).revision == 3


@pytest.mark.parametrize("base", [0, 1])
async def test_of_many_tabs_at_once_one_saves(base: int) -> None:
    id = await stage.opened()
    if base:
        await save(id, "prima", 0)
    answers = await asyncio.gather(
        *(save(id, f"{n}", base) for n in range(20)), return_exceptions=True
    )
    (won,) = [one for one in answers if isinstance(one, Draft)]
    lost = [one for one in answers if isinstance(one, DraftConflict)]
    assert len(lost) == 19
    assert {one.draft.body for one in lost} == {won.body}
    assert (await Draft.get(ticket_id=id)).body == won.body


async def test_they_outlive_lock_and_close() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await stage.locked(id, anna)
    await save(id, "quasi", 0)
    await save(id, "nota", 0, kind=NOTE)
    await locks.leave(id, anna)
    await tickets.close(Close(id), await stage.operator("bruno"))
    assert (await save(id, "ancora", 1)).revision == 2
    assert await Draft.filter(ticket_id=id).count() == 2


async def test_they_go_when_sent_each_with_its_kind_and_author() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    for name in ("anna", "bruno"):
        for kind in (REPLY, NOTE):
            await save(id, "testo", 0, name, kind)

    async def left() -> list[DraftKind]:
        return sorted([one.kind for one in await Draft.filter(operator_id=anna.id)])

    await tickets.add_note(AddNote(id, "nota"), anna)
    assert await left() == [REPLY]
    await tickets.reply(Reply(id, "ecco"), anna)
    assert await left() == []
    await save(id, "fine", 0)
    await tickets.close(Close(id), anna)
    assert await left() == [REPLY]
    assert await Draft.all().count() == 3


async def test_revisions_go_on_after_sending_and_deleting() -> None:
    """A tab that still shows what was sent is behind whatever is written next."""
    id, anna = await stage.opened(), await stage.operator("anna")
    for n in range(3):
        await save(id, f"{n}", n)
    await save(id, "nota", 0, kind=NOTE)
    await tickets.reply(Reply(id, "ecco"), anna)
    assert (await save(id, "nuovo", 0)).revision == 4
    for stale in (1, 2, 3):
        with pytest.raises(DraftConflict) as caught:
            await save(id, "vecchio", stale)
        assert (caught.value.draft.body, caught.value.draft.revision) == ("nuovo", 4)
    await drafts.delete(id, REPLY, anna)
    assert (await save(id, "ancora", 0)).revision == 5
    await drafts.delete(id, REPLY, anna)
    assert (await save(id, "ancora", 0)).revision == 6
    assert (await save(id, "nota", 1, kind=NOTE)).revision == 2
    assert (await save(id, "sua", 0, "bruno")).revision == 1


async def test_one_that_is_sent_as_it_is_saved_is_kept_as_the_next() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    for _ in range(5):
        base = (await save(id, "prima", 0)).revision
        done = await asyncio.gather(
            save(id, "dopo", base), tickets.reply(Reply(id, "prima"), anna), return_exceptions=True
        )
        assert [one for one in done if isinstance(one, BaseException)] == []
        left = await Draft.get_or_none(ticket_id=id)
        assert left is None or left.body == "dopo"
        if left is not None:
            assert left.revision > base
            await drafts.delete(id, REPLY, anna)


async def test_the_last_words_are_sent_too() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await save(id, "fine", 0)
    await tickets.close(Close(id, "fine"), anna)
    assert not await Draft.exists(ticket_id=id)


async def test_a_first_one_takes_sight_and_deleting_takes_a_draft() -> None:
    id = await stage.opened()
    for name in ("carla", "dino"):
        with pytest.raises(NotFound):
            await save(id, "x" * 200_001, 0, name)
    with pytest.raises(NotFound):
        await drafts.delete(id, REPLY, await stage.operator("anna"))
    await save(id, "testo", 0)
    with pytest.raises(NotFound):
        await drafts.delete(id, REPLY, await stage.operator("bruno"))
    await drafts.delete(id, REPLY, await stage.operator("anna"))
    assert not await Draft.exists(ticket_id=id)


async def test_what_cannot_be_kept() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    for request, path in (
        (SaveDraft(id, REPLY, "è" * 100_001, (), 0), "body"),
        (SaveDraft(id, REPLY, "a\0b", (), 0), "body"),
        (SaveDraft(id, REPLY, "a", ("x\0",), 0), "uploadIds.0"),
        (SaveDraft(id, REPLY, "a", ("x" * 100_000,), 0), "uploadIds.0"),
        (SaveDraft(id, REPLY, "a", (await stage.upload(anna),) * 101, 0), "uploadIds"),
    ):
        with pytest.raises(InvalidInput) as caught:
            await drafts.save(request, anna)
        assert ".".join(caught.value.fields[0].path) == path
    await save(id, "<script>\x01\u2028🗝 as typed", 0)
    assert (await Draft.get(ticket_id=id)).body == "<script>\x01\u2028🗝 as typed"
    file = await stage.upload(anna)
    saved = await drafts.save(SaveDraft(id, REPLY, "", (file,), 1), anna)
    assert saved.upload_ids == [file]


async def test_read_marks() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    before = await stage.row(id)
    for asked, kept in ((1, 1), (2**31 - 1, 1), (0, 0), (-7, 0)):
        await read_marks.mark(id, asked, anna)
        assert (await ReadMark.get(ticket_id=id, operator_id=anna.id)).up_to == kept
    await asyncio.gather(*(read_marks.mark(id, 1, anna) for _ in range(10)))
    assert await ReadMark.all().count() == 1
    after = await stage.row(id)
    assert (after.revision, after.updated_at) == (before.revision, before.updated_at)
    with pytest.raises(NotFound):
        await read_marks.mark(id, 1, await stage.operator("carla"))
    with pytest.raises(NotFound):
        await read_marks.mark(id + 1, 1, anna)
