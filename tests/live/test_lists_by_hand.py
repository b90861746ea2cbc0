"""Lists by hand: what waits for a slow reader, who leaves early, what is kept for who returns."""

import asyncio
from typing import Any

import pytest

from models.compiled import normal
from models.conditions import ALWAYS, Is
from models.desk import Desk
from models.enums import FeedResetReason
from realtime.feed_events import Entered, Frame, Left, ListReady, ListReset, Updated
from realtime.lists import feed as feeds
from realtime.lists.numbers import Numbers
from realtime.lists.streams import Stream
from realtime.lists.watch import Audience
from tests.live.stage import Stage, _awaited, eventually
from tests.support.live import PATIENCE_S

pytestmark = pytest.mark.usefixtures("quick_viewers", "quick_lists")


async def stream(stage: Stage, **more: Any) -> Stream:
    async def everything(version: int) -> Audience:
        return Audience(normal(more.get("condition", ALWAYS)), version)

    version = (await Desk.get(id=1)).rights_version
    return await stage.live.lists.of_operator(1, everything, version)


async def test_only_the_newest_of_each_ticket_waits(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    mine = await stream(stage, condition=Is("turn", "OPERATOR"))
    frames = mine.frames()
    assert isinstance(await anext(frames), ListReady)
    first, second = await stage.ticket(mario), await stage.ticket(mario)
    for _ in range(5):
        await mario.do("messagePost", ticketId=first, body="ancora")
    await bruno.do("ticketReply", ticketId=second, body="ecco")
    await loaded(stage)
    async with asyncio.timeout(PATIENCE_S):
        got: list[Frame] = [await anext(frames), await anext(frames)]
    assert isinstance(got[0], Entered | Updated)
    assert got[0].ticket.seq == 6
    assert isinstance(got[1], Left)
    assert mine.feed.idle
    await frames.aclose()
    assert not stage.live.lists.registry.seats


async def test_a_reader_that_stands_still_is_told_to_ask_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MOST", 2)
    mario = await stage.person("mario")
    mine = await stream(stage)
    frames = mine.frames()
    await anext(frames)
    for _ in range(3):
        await stage.ticket(mario)
    await loaded(stage)
    async with asyncio.timeout(PATIENCE_S):
        reset = await anext(frames)
    assert isinstance(reset, ListReset)
    assert reset.reason is FeedResetReason.TOO_FAR_BEHIND
    assert mine.feed.idle
    await frames.aclose()


async def loaded(stage: Stage) -> None:
    """Everything that happened was judged, whether or not anybody took it."""
    await stage.backstage._hinted()
    registry = stage.live.lists.registry
    await eventually(lambda: registry.idle and _awaited(registry.wanted))


async def test_who_leaves_while_the_list_is_read_takes_nobody_along(stage: Stage) -> None:
    one, other = await stream(stage), await stream(stage)
    first = asyncio.ensure_future(anext(one.frames()))
    second = asyncio.ensure_future(anext(other.frames()))
    await asyncio.sleep(0)
    first.cancel()
    assert isinstance(await second, ListReady)
    assert len(stage.live.lists.registry.seats) == 1
    stage.live.lists.registry.leave(other.feed)


async def test_a_watch_stays_a_while_for_whoever_comes_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = stage.live.lists.registry
    for _ in range(2):
        frames = (await stream(stage)).frames()
        await anext(frames)
        await frames.aclose()
    (watch,) = registry.watches.all()
    assert watch.ready
    assert not watch.feeds
    monkeypatch.setattr("realtime.lists.keeping.KEPT_S", 0.0)
    frames = (await stream(stage)).frames()
    await anext(frames)
    await frames.aclose()
    await eventually(lambda: not registry.watches.any)
    registry.hint({"ticket": 1, "revision": 1})
    assert registry.idle


def test_numbers() -> None:
    some, others = Numbers([0, 7, 8, 32767, 32768, 10**12]), Numbers([7, 10**12, 5])
    assert list(some) == [0, 7, 8, 32767, 32768, 10**12]
    assert sorted(some.beyond(others)) == [0, 8, 32767, 32768]
    assert (len(some), some.count_beyond(others)) == (6, 4)
    some.discard(7)
    some.discard(10**15)
    assert 7 not in some
    assert 8 in some
    assert 10**15 not in some
