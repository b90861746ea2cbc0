"""Each notification once: ids are not in the order of commits, and feeds begin anywhere."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.notifications import Notification
from models.people import Contact
from models.sql import clock
from realtime.notification_feed import NotificationFeed
from resolvers import batches
from resolvers.loaders import Batched, Loaders
from tests.live.notified import (
    ADDED,
    Screen,
    company,
    fresh,
    listening,
    operator_id,
    screens,
    written,
)
from tests.live.stage import Stage, eventually
from tests.support.live import PATIENCE_S
from tests.support.site import gid

ASSIGNED = "ASSIGNED"


async def test_ids_that_are_committed_out_of_order(stage: Stage) -> None:
    """Each once: the feed remembers what it told, as long as a lower one may come."""
    anna, mario = await company(stage, "anna", "mario")
    id = await stage.ticket(mario)
    at = await clock()
    await written("anna", id, 1000, created_at=at)
    (shown,) = await screens(stage, anna)
    for ids in ((1010, 1020), (1015,), (1005, 1012), (1030,), (1001,), (990,)):
        kinds = await assert_told_in_any_order(stage, shown, id, ids, at)
        assert kinds == [ASSIGNED] * len(ids)
    await Notification.all().update(created_at=at - timedelta(minutes=5))
    await written("anna", id, 2000, created_at=at)
    await stage.settled()
    assert shown.take() == [ASSIGNED]
    feed = NotificationFeed(stage.live.notices, await operator_id("anna"))
    await feed._begin_now()
    assert feed._floor == 1030
    assert set(feed._told) == {2000}


async def assert_told_in_any_order(
    stage: Stage, shown: Screen, id: str, ids: tuple[int, ...], at: datetime
) -> list[str]:
    await written("anna", id, *ids, created_at=at)
    await stage.settled()
    kinds = shown.take()
    rows, unread = await fresh(shown.person)
    assert sorted(one["id"] for one in rows) == sorted(one["id"] for one in shown.rows)
    assert unread == shown.unread
    return kinds


async def test_what_was_missed_comes_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.notification_feed.PAGE", 2)
    monkeypatch.setattr("realtime.notification_feed.MISSED_MOST", 5)
    anna, mario = await company(stage, "anna", "mario")
    id = await stage.ticket(mario)
    at = await clock()
    await written("anna", id, *range(1001, 1009), created_at=at)
    for after, told in ((1005, range(1006, 1009)), (1, range(1004, 1009)), (2000, ())):
        (shown,) = await screens(stage, anna, after=gid("Notification", after))
        assert [one["entryNumber"] for one in shown.came] == list(told)
    (shown,) = await screens(stage, anna, after=gid("Notification", 1008))
    await written("anna", id, 1009, created_at=at)
    await stage.settled()
    assert shown.take() == [ASSIGNED]
    wrong = await anna.connection.subscribe(ADDED, after="x")
    message = await anna.connection.message(wrong._id)
    assert message["payload"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_the_memory_of_what_was_told_is_bounded(stage: Stage) -> None:
    mario = await stage.person("mario")
    id, at = await stage.ticket(mario), await clock()
    feed = NotificationFeed(stage.live.notices, await operator_id("anna"))
    times = [at + timedelta(seconds=number * 10) for number in range(100)]
    for number, time in enumerate(times):
        await written("anna", id, 1001 + number, created_at=time)
    told: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        async for one in feed.frames(1000):
            told.append(one.id)
            assert len(feed._told) <= 8
            if len(told) == len(times):
                break
    assert told == list(range(1001, 1101))


@pytest.mark.usefixtures("faults")
@pytest.mark.parametrize("failures", [1, 1000])
async def test_what_cannot_be_rendered_is_not_passed_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """A moment's failure is tried again; else the client comes back, and is told it then."""
    monkeypatch.setattr("app.transport.stream.RETRY_S", 0.01)
    left = iter(range(failures))

    async def failing(ids: list[int]) -> list[Any]:
        if next(left, None) is not None:
            raise OSError("the database is away")
        return await batches.by_id(Contact)(ids)

    contacts = Batched(failing)
    contacts.__set_name__(Loaders, "contacts")
    anna, mario = await company(stage, "anna", "mario")
    named = ADDED.replace("ticket { id number }", "ticket { number contact { name } }")
    feed = await anna.connection.subscribe(named, after=None)
    await eventually(lambda: listening(stage) == 1)
    await stage.ticket(mario)
    known = (await feed.next())["id"]
    with monkeypatch.context() as broken:
        broken.setattr(Loaders, "contacts", contacts)
        await stage.ticket(mario)
        if failures == 1:
            assert (await feed.next())["ticket"]["contact"] == {"name": "Mario"}
            return
        assert await anna.connection.closed() == 1012
    again = await stage.seat("anna", anna.client)
    resumed = await again.connection.subscribe(named, after=known)
    assert (await resumed.next())["ticket"]["contact"] == {"name": "Mario"}
