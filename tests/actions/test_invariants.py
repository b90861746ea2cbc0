"""Whatever people do to tickets, the rows agree with each other."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from actions import drafts, locks, tickets
from actions.drafts import SaveDraft
from actions.refusals import Refusal
from actions.tickets.requests import (
    AddNote,
    Assign,
    ChangeCategory,
    ChangeLevel,
    Close,
    ContactOpen,
    Merge,
    Post,
    Reply,
    Transfer,
    Update,
)
from models.documents import Document
from models.enums import VISIBLE_KINDS, DraftKind, EntryKind, Level, Turn
from models.tickets import TicketWord
from tests.actions import stage

EXAMPLES, STEPS = 25, 12
SECRET = "segretissimo"
OPERATORS, CONTACTS = ("anna", "bruno", "carla", "dino", "admin"), ("mario", "giulia")

Step = tuple[str, str, int, int, bool]
STEP = st.tuples(
    st.sampled_from(sorted(
        ["reply", "note", "close", "category", "level", "transfer", "assign", "update", "merge",
         "delete", "restore", "next", "lock", "release", "expire", "draft", "post", "follow"]
    )),
    st.sampled_from(OPERATORS + CONTACTS),
    st.integers(0, 3),
    st.integers(0, 3),
    st.booleans(),
)  # fmt: skip


class World:
    """Four tickets of two contacts, and everything one may try with them."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.tokens: dict[int, str] = {}

    async def act(self, step: Step) -> None:
        """What is refused has happened all the same: nothing of it may be left."""
        kind, name, place, other, flag = step
        id, second = self.ids[place], self.ids[other]
        try:
            if name in CONTACTS:
                await self._as_contact(kind, name, id, flag)
            else:
                await self._as_operator(kind, name, id, second, other, flag)
        except Refusal:
            pass

    async def _as_contact(self, kind: str, name: str, id: int, flag: bool) -> None:
        by = await stage.contact(name)
        if kind == "follow":
            await tickets.open_by_contact(ContactOpen("F", "f", follow_up_of_id=id), by)
        else:
            files = (await stage.upload(by),) if flag else ()
            await tickets.post(Post(id, "messaggio", upload_ids=files), by)

    async def _as_operator(
        self, kind: str, name: str, id: int, second: int, n: int, flag: bool
    ) -> None:
        by = await stage.operator(name)
        token = self.tokens.get(id) if flag else None
        files = (await stage.upload(by),) if n == 1 else ()
        category = [stage.RINNOVO, stage.RICORSI, stage.ISEE, stage.INTERNO][n]
        department = ["Patronato", "Immigrazione", "Fiscale", "Fiscale"][n]
        assignee = [("operator", 1), ("operator", 2), ("group", 1), None][n]
        level = Level.ADVANCED if flag else Level.BASE
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "reply": lambda: tickets.reply(
                Reply(id, "risposta", files, close_after_sending=n == 3, lock_token=token), by
            ),
            "note": lambda: tickets.add_note(AddNote(id, SECRET, files, lock_token=token), by),
            "close": lambda: tickets.close(Close(id, "fine" if flag else None), by),
            "level": lambda: tickets.change_level(ChangeLevel(id, level, SECRET), by),
            "assign": lambda: tickets.assign(Assign(id, assignee), by),
            "update": lambda: tickets.update(Update(id, add_tags=(SECRET,)), by),
            "merge": lambda: tickets.merge(Merge(id, second), by),
            "delete": lambda: tickets.delete(id, by),
            "restore": lambda: tickets.restore(id, by),
            "next": lambda: tickets.take_next(None, by),
            "release": lambda: locks.release(id, token or "", by),
            "expire": lambda: stage.expire(id),
            "draft": lambda: drafts.save(SaveDraft(id, DraftKind.REPLY, SECRET, (), n), by),
        }
        if kind == "lock":
            self.tokens[id] = str((await locks.acquire(id, by)).lock_token)
        elif kind == "category":
            request = ChangeCategory(id, await stage.category(category), SECRET, flag)
            await tickets.change_category(request, by)
        elif kind == "transfer":
            await tickets.transfer(Transfer(id, await stage.department(department)), by)
        elif kind in acts:
            await acts[kind]()


async def agrees(id: int) -> None:
    row, entries = await stage.row(id), await stage.timeline(id)
    visible = [one for one in entries if one.kind in VISIBLE_KINDS]
    assert [one.number for one in entries] == list(range(1, row.seq + 1))
    assert [one.visible_number for one in visible] == list(range(1, row.visible_seq + 1))
    assert all(one.visible_number is None for one in entries if one not in visible)
    assert row.turn is entries[-1].turn_after
    assert (row.turn is Turn.CLOSED) == (row.closed_at is not None)
    assert row.revision >= len({one.created_at for one in entries})
    await counters_agree(id)
    await no_note_shows(id)


async def counters_agree(id: int) -> None:
    row, entries = await stage.row(id), await stage.timeline(id)
    messages = [one for one in entries if one.kind is EntryKind.CONTACT_MESSAGE]
    replies = [one for one in entries if one.kind is EntryKind.OPERATOR_REPLY]
    posts = [one for one in entries if one.kind in VISIBLE_KINDS]
    assert row.attachment_count == await Document.filter(ticket_id=id).count()
    assert row.last_post_number == posts[-1].number
    assert (row.last_post_at, row.last_post_excerpt) == (posts[-1].created_at, posts[-1].body_text)
    assert row.last_contact_post_at == (messages[-1].created_at if messages else None)
    assert row.last_operator_reply_at == (replies[-1].created_at if replies else None)
    assert row.first_reply_at == (replies[0].created_at if replies else None)
    assert row.visible_at >= posts[-1].created_at
    assert row.updated_at >= posts[-1].created_at
    if row.turn is Turn.CLOSED or row.deleted_at is not None:
        assert row.lock_holder_id is None
    assert row.assignee_operator_id is None or row.assignee_group_id is None


async def no_note_shows(id: int) -> None:
    row = await stage.row(id)
    assert SECRET not in row.last_post_excerpt
    for one in await stage.timeline(id):
        if one.visible_number is not None:
            assert SECRET not in one.body + one.body_text
    assert not await TicketWord.exists(ticket_id=id, word=SECRET, visible=True)
    notes = [one.id for one in await stage.timeline(id) if one.kind is EntryKind.INTERNAL_NOTE]
    for document in await Document.filter(ticket_id=id):
        assert document.internal == (document.entry_id in notes)


def stories() -> list[list[Step]]:
    """What hypothesis thinks of, gathered first: its tests are no coroutines of this loop."""
    found: list[list[Step]] = []

    @hypothesis_settings(max_examples=EXAMPLES, database=None, derandomize=True)
    @given(st.lists(STEP, min_size=STEPS, max_size=STEPS))
    def gather(steps: list[Step]) -> None:
        found.append(steps)

    gather()
    return found


async def world() -> World:
    return World([await stage.opened(name) for name in ("mario", "mario", "giulia", "mario")])


@pytest.mark.usefixtures("database")
async def test_one_after_the_other() -> None:
    for steps in stories():
        there = await world()
        for step in steps:
            await there.act(step)
        for id in there.ids:
            await agrees(id)


@pytest.mark.usefixtures("database")
async def test_all_at_once() -> None:
    random.seed(7)
    for _ in range(4):
        there = await world()
        steps = [step for story in stories() for step in story]
        await asyncio.gather(*(there.act(step) for step in random.sample(steps, 40)))
        for id in there.ids:
            await agrees(id)
