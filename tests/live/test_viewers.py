"""Who has a ticket open: joined over tabs, told of once a second, never a contact."""

from functools import partial
from typing import Any

import pytest

from tests.live.assert_live import watching
from tests.live.stage import Person, Stage, arrived, begun, eventually, number_of


def viewers(frames: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    return [
        [(one["operator"]["name"], one["state"]) for one in frame["viewers"]]
        for frame in frames
        if frame["__typename"] == "ViewersChanged"
    ]


async def shown(stage: Stage, who: Person, id: str) -> list[tuple[str, str]]:
    """What a query says."""
    await stage.settled()
    fresh = await who.fresh(id)
    assert fresh
    return [(one["operator"]["name"], one["state"]) for one in fresh["viewers"]]


def tabs_are(stage: Stage, id: str, count: int) -> bool:
    return len(stage.live.presence._tabs[number_of(id)]) == count


@pytest.mark.usefixtures("quick_viewers")
async def test_coming_and_going(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    tab, other = await stage.seat("anna", anna.client), await stage.person("anna")
    bruno_sees, _ = await watching(stage, id, [bruno, mario])

    async def told() -> list[tuple[str, str]] | None:
        await stage.settled()
        frames = viewers(arrived(bruno_sees.feed))
        assert len(frames) <= 1
        if frames:
            assert frames[0] == await shown(stage, bruno, id)
        return frames[0] if frames else None

    me = ("Bruno", "VIEWING")
    feeds: list[Any] = []
    for one, expected in ((anna, [me, ("Anna", "VIEWING")]), (tab, None), (other, None)):
        feeds.append(await one.watch(id))
        await eventually(lambda: begun(feeds[-1]))
        assert await told() == expected, "one operator is one viewer, whatever their tabs"
    await anna.do("presenceSet", ticketId=id, state="IDLE")
    assert await told() is None, "their other session is not idle"
    await other.do("presenceSet", ticketId=id, state="IDLE")
    assert await told() == [me, ("Anna", "IDLE")]
    await anna.do("replyLockAcquire", ticketId=id)
    assert await told() == [me, ("Anna", "REPLYING")]
    await anna.do("ticketLeave", ticketId=id)
    assert await told() == [me]
    await anna.do("presenceSet", ticketId=id, state="VIEWING")
    assert await told() == [me, ("Anna", "VIEWING")]
    for left, feed in ((3, feeds[2]), (2, feeds[1])):
        await feed.stop()
        await eventually(partial(tabs_are, stage, id, left))
        assert await told() is None
    await stage.settled()
    await anna.connection.drop()
    await eventually(partial(tabs_are, stage, id, 1))
    assert await told() == [me]


@pytest.mark.usefixtures("quick_viewers")
async def test_since_is_the_first_tab_that_is_open(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    (one,) = await watching(stage, id, [anna])
    (two,) = await watching(stage, id, [await stage.seat("anna", anna.client)])
    since = (await anna.fresh(id) or {})["viewers"][0]["since"]
    await one.feed.stop()
    await eventually(partial(tabs_are, stage, id, 1))
    await stage.settled()
    (frame,) = arrived(two.feed)
    assert frame["__typename"] == "ViewersChanged"
    assert frame["viewers"][0]["since"] > since


async def test_many_at_once_are_one_frame(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is stopped, so that all of it falls into one."""
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    await stage.settled()
    monkeypatch.setattr("realtime.topic.VIEWERS_EVERY_S", 3600)
    for name in ("anna", "admin", "anna", "anna"):
        other = await stage.person(name)
        coming = await other.watch(id)
        await coming.until("TicketSnapshot")
        if name == "admin":
            await coming.stop()
            await eventually(partial(tabs_are, stage, id, 2))
    assert arrived(feed) == []
    topic = stage.live.hub._topics[number_of(id)]
    assert topic._viewers
    topic._viewers.cancel()
    topic._look_at_viewers()
    await stage.settled()
    assert viewers(arrived(feed)) == [[("Bruno", "VIEWING"), ("Anna", "VIEWING")]]


async def test_a_lock_to_and_fro_is_not_a_frame_each(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most one a second: what came too soon is told with the next look."""
    mario, bruno, anna = [await stage.person(one) for one in ("mario", "bruno", "anna")]
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    hers = await anna.watch(id)
    await hers.until("TicketSnapshot")
    await stage.settled()
    arrived(feed)
    for module in ("topic", "operator_course"):
        monkeypatch.setattr(f"realtime.{module}.VIEWERS_EVERY_S", 3600)
    both = [("Bruno", "VIEWING"), ("Anna", "VIEWING")]
    for mutation in ("replyLockAcquire", "ticketLeave", "replyLockAcquire", "ticketLeave"):
        await anna.do(mutation, ticketId=id)
        await feed.until("ReplyLockChanged")
    assert len(viewers(feed.seen)) <= 1
    monkeypatch.setattr("realtime.operator_course.VIEWERS_EVERY_S", 0)
    await anna.do("presenceSet", ticketId=id, state="VIEWING")
    topic = stage.live.hub._topics[number_of(id)]
    assert topic._viewers
    topic._viewers.cancel()
    topic._look_at_viewers()
    await stage.settled()
    told = [both, *viewers([*feed.seen, *arrived(feed)])]
    assert told[-1] == both == await shown(stage, bruno, id)
