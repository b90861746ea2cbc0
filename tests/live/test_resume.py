"""Dropped anywhere and resumed: every entry once, in order, none missing."""

import asyncio
import random
from typing import Any

import pytest

from realtime.feed_events import Added, Changed
from tests.live.assert_live import State, watching
from tests.live.backstage import change_entries, operator_frames
from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed

pytestmark = pytest.mark.usefixtures("quick_viewers")


def conversation(anna: Person, bruno: Person, mario: Person, id: str) -> list[Any]:
    """What is said, one step after another; some steps write several entries."""
    return [
        lambda: mario.do("messagePost", ticketId=id, body="due"),
        lambda: anna.do("ticketAddNote", ticketId=id, body="tre"),
        lambda: anna.do("replyLockAcquire", ticketId=id),
        lambda: change_entries(id, 1, 2),
        lambda: anna.do("ticketLeave", ticketId=id),
        lambda: anna.do("ticketReply", ticketId=id, body="quattro"),
        lambda: mario.do("messagePost", ticketId=id, body="cinque"),
        lambda: change_entries(id, 4),
        lambda: bruno.do("ticketUpdate", ticketId=id, subject="Altro", addTags=["x"]),
        lambda: bruno.do("ticketReply", ticketId=id, body="sette", closeAfterSending=True),
        lambda: mario.do("ticketOpen", subject="Ancora", body="x", followUpOfId=id),
    ]


async def rest(stage: Stage, who: Person, id: str, after: str) -> list[dict[str, Any]]:
    feed = await who.watch(id, after)
    await eventually(lambda: begun(feed))
    await stage.settled()
    return arrived(feed)


@pytest.mark.parametrize("watcher", ["bruno", "mario"])
async def test_a_drop_after_every_frame(stage: Stage, watcher: str) -> None:
    """A screen moved on by frames alone is right whichever frame was the last before the drop."""
    anna, bruno, mario = [await stage.person(one) for one in ("anna", "bruno", "mario")]
    id = await stage.ticket(mario)
    who = await stage.person(watcher)
    (live,) = await watching(stage, id, [who])
    screens = [State.of(who.side, await who.fresh(id))]
    for act in conversation(anna, bruno, mario, id):
        await act()
        await stage.settled()
        for frame in arrived(live.feed):
            before = screens[-1]
            screens.append(State(who.side, before.ticket, dict(before.entries), before.cursor))
            screens[-1].apply(frame)
    assert len(screens) > 4
    for number, screen in enumerate(screens):
        for frame in await rest(stage, who, id, screen.cursor):
            screen.apply(frame)
        fresh = State.of(who.side, await who.fresh(id))
        assert screen.entries == fresh.entries, number
        assert screen.cursor == fresh.cursor


@pytest.mark.parametrize("watcher", ["bruno", "mario"])
async def test_a_drop_in_every_pause(stage: Stage, watcher: str) -> None:
    """Each time the line is cut and something happens meanwhile; batches are cut within, too."""
    anna, bruno, mario = [await stage.person(one) for one in ("anna", "bruno", "mario")]
    id = await stage.ticket(mario)
    acts = conversation(anna, bruno, mario, id)
    for together in (1, 4):
        other = await stage.person(watcher)
        screen = State.of(other.side, await other.fresh(id))
        for start in range(0, len(acts), together):
            who = await stage.person(watcher)
            for frame in await rest(stage, who, id, screen.cursor):
                screen.apply(frame)
            await who.connection.drop()
            for act in acts[start : start + together]:
                await act()
        frames = await rest(stage, other, id, screen.cursor)
        for at, frame in enumerate(frames):
            screen.apply(frame)
            cut = State(other.side, None, dict(screen.entries), screen.cursor)
            for one in await rest(stage, other, id, cut.cursor):
                cut.apply(one)
            assert cut.entries == State.of(other.side, await other.fresh(id)).entries, at
        assert screen.face == State.of(other.side, await other.fresh(id)).face
        if together == 1:
            id = await stage.ticket(mario)
            acts = conversation(anna, bruno, mario, id)


async def test_entries_changed_together(stage: Stage) -> None:
    """Two entries, one revision: between their frames the cursor does not promise the second."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await anna.do("ticketReply", ticketId=id, body="due")
    await anna.do("ticketReply", ticketId=id, body="tre")
    start = await anna.cursor(id)
    (live,) = await watching(stage, id, [anna])
    await change_entries(id, 2, 3)
    await stage.settled()
    frames = arrived(live.feed)
    assert [one["__typename"] for one in frames] == ["EntryChanged", "EntryChanged"]
    assert [one["entry"]["delivery"] for one in frames] == ["SENT", "SENT"]
    for cursor, numbers in ((start, [2, 3]), (frames[1]["cursor"], [])):
        resumed = await rest(stage, anna, id, cursor)
        assert [one["entry"]["number"] for one in resumed[:-1]] == numbers
        assert resumed[-1]["__typename"] == "TicketSnapshot"
    resumed = await rest(stage, anna, id, frames[0]["cursor"])
    assert 3 in [one["entry"]["number"] for one in resumed[:-1]]
    await mario.do("messagePost", ticketId=id, body="quattro")
    resumed = await rest(stage, anna, id, start)
    assert [(one["__typename"], one["entry"]["number"]) for one in resumed[:-1]] == [
        ("EntryAdded", 4),
        ("EntryChanged", 2),
        ("EntryChanged", 3),
    ]
    cut = await rest(stage, anna, id, resumed[0]["cursor"])
    assert [one["entry"]["number"] for one in cut[:-1]] == [2, 3]


async def test_a_cursor_of_a_replay_promises_no_entry_written_meanwhile(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await anna.do("ticketReply", ticketId=id, body="due")
    start = await anna.cursor(id)
    await change_entries(id, 2)
    await mario.do("messagePost", ticketId=id, body="tre")
    frames = await operator_frames(stage.live, "bruno", id, start)
    assert isinstance(await anext(frames), Added)
    await mario.do("messagePost", ticketId=id, body="quattro")
    changed = await anext(frames)
    assert isinstance(changed, Changed)
    await frames.aclose()
    resumed = await rest(stage, anna, id, changed.cursor)
    assert [one["entry"]["number"] for one in resumed[:-1]] == [4]


@pytest.mark.parametrize("watcher", ["bruno", "mario"])
async def test_feeds_that_begin_while_thirty_are_writing(stage: Stage, watcher: str) -> None:
    mario, who = await stage.person("mario"), await stage.person(watcher)
    id = await stage.ticket(mario)
    start = State.of(who.side, await who.fresh(id))
    writing = [
        asyncio.create_task(mario.do("messagePost", ticketId=id, body=str(one)))
        for one in range(30)
    ]
    feeds: list[Feed] = []
    for _ in range(8):
        feeds.append(await who.watch(id, start.cursor))
        await asyncio.sleep(random.random() / 20)  # noqa: S311
    await asyncio.gather(*writing)
    await eventually(lambda: all(map(begun, feeds)))
    await stage.settled()
    entry = who.side.entry
    for feed in feeds:
        numbers = [one[entry]["number"] for one in arrived(feed) if entry in one]
        assert numbers == list(range(2, 32))
