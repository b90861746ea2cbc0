"""Hints lost, doubled or late, loads that fail, readers that stand still: lists come right."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.desk import Desk
from models.sql import clock
from models.tickets import Ticket
from realtime.broker import Hint
from realtime.lists import loading
from tests.live.backstage import DeafBroker, with_rights_changed
from tests.live.screens import CountersScreen, ListScreen, MyScreen, moved, opened
from tests.live.stage import Stage, as_hint, number_of

pytestmark = pytest.mark.usefixtures("quick_viewers", "quick_lists")
OPEN = {"turn": ["OPERATOR"]}


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> DeafBroker:
    return DeafBroker(monkeypatch)


async def test_lost_hints_are_found_by_the_sweep(stage: Stage, deaf: DeafBroker) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    old = await stage.ticket(mario)
    screens = [ListScreen(bruno, OPEN), CountersScreen(bruno, {}), MyScreen(mario)]
    await opened(stage, *screens)
    deaf.loses = lambda _hint: True
    new = await stage.ticket(mario)
    await bruno.do("ticketReply", ticketId=old, body="ecco")
    await bruno.do("replyLockAcquire", ticketId=new)
    await with_rights_changed(lambda: Desk.filter(id=1).update(magic_link_days=31))
    await stage.settled()
    for one in screens:
        await one.take()
    assert not any(one.frames for one in screens)
    await stage.live.lists.sweep.once()
    await moved(stage, *screens)
    assert all(one.frames for one in screens)
    await stage.live.lists.sweep.once()
    await moved(stage, *screens)
    assert not any(one.frames for one in screens), "what was told once is known"


async def test_rights_that_nobody_told_of(stage: Stage, deaf: DeafBroker) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    await stage.ticket(mario)
    screen = ListScreen(bruno, {})
    await opened(stage, screen)
    deaf.loses = lambda _hint: True
    await with_rights_changed(lambda: Desk.filter(id=1).update(ticket_sharing="PRIVATE"))
    await stage.live.lists.sweep.once()
    await moved(stage, screen)


async def test_own_states_that_nobody_told_of(stage: Stage, deaf: DeafBroker) -> None:
    """After a gap, what only SQL decides is read anew."""
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    screen = ListScreen(bruno, {"unread": True})
    await opened(stage, screen)
    deaf.loses = lambda _hint: True
    await bruno.do("ticketMarkRead", ticketId=id, upTo=1)
    await moved(stage, screen, compare=False)
    assert screen.frames == []
    stage.live.lists.sweep.gap()
    await moved(stage, screen)
    assert screen.types == ["TicketLeft"]


async def test_strange_hints_do_no_harm(stage: Stage, deaf: DeafBroker) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    mine = ListScreen(bruno, {})
    screens = [mine, CountersScreen(bruno, {}), MyScreen(mario)]
    await opened(stage, *screens)
    deaf.loses = lambda hint: "number" in hint
    id = await stage.ticket(mario)
    await bruno.do("ticketAddNote", ticketId=id, body="tra noi")
    late = deaf.lost[::-1]
    deaf.loses = lambda _hint: False
    strange: list[Hint] = [
        *late,
        as_hint(id, revision=10**12),
        as_hint(id, revision="x"),
        as_hint(id, operator="x"),
        as_hint(id, operator=10**9),
        {"ticket": -1, "revision": 1},
        {"ticket": 2**62},
        {"rights": "x"},
        *late,
    ]
    for hint in strange:
        await stage.live.broker.publish(hint)
    await moved(stage, *screens)
    assert set(mine.types) <= {"TicketEntered", "TicketUpdated"}


@pytest.mark.usefixtures("faults")
async def test_a_load_that_fails_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("loading", "registry", "streams"):
        monkeypatch.setattr(f"realtime.lists.{where}.RETRY_S", 0.01)
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    screen = ListScreen(bruno, {})
    await opened(stage, screen)
    load, failures = loading.loaded, iter([True, True])

    async def failing(ids: Any) -> Any:
        if next(failures, False):
            raise OSError("the database is away")
        return await load(ids)

    monkeypatch.setattr("realtime.lists.loading.loaded", failing)
    await stage.ticket(mario)
    await moved(stage, screen)
    assert screen.types == ["TicketEntered"]


async def test_too_much_was_missed(
    stage: Stage, deaf: DeafBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.lists.sweep.MOST", 1)
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    screens = [ListScreen(bruno, {}), CountersScreen(bruno, {}), MyScreen(mario)]
    await opened(stage, *screens)
    deaf.loses = lambda _hint: True
    for _ in range(3):
        await stage.ticket(mario)
    await stage.live.lists.sweep.once()
    await moved(stage, *screens)
    assert [one["__typename"] for one in screens[0].frames] == ["TicketListReset"]


async def test_a_restored_desk(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    await stage.ticket(mario)
    screen = ListScreen(bruno, {})
    await opened(stage, screen)
    await Ticket.all().update(deleted_at=datetime.now(UTC))
    await Desk.filter(id=1).update(epoch="another")
    await stage.live.lists.sweep.once()
    await moved(stage, screen)
    assert [one["reason"] for one in screen.frames] == ["RESTORED"]


async def test_a_lock_that_lapses_is_told_of(stage: Stage) -> None:
    mario, bruno, anna = [await stage.person(one) for one in ("mario", "bruno", "anna")]
    before = await stage.ticket(mario)
    await Desk.filter(id=1).update(lock_lease_s=1)
    await anna.do("replyLockAcquire", ticketId=before)
    fragment = "fragment T on Ticket { id number lock { operator { id } } allowedActions }"
    screen = ListScreen(bruno, {}, fragment)
    await screen.open()
    while screen.rows[before]["lock"] is not None:
        frame = await screen.feed.next()
        screen.rows[frame["ticket"]["id"]] = frame["ticket"]
    await moved(stage, screen)


async def test_midnight_comes_without_a_write(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    await bruno.do("ticketClose", ticketId=id)
    screen = CountersScreen(bruno, {})
    await opened(stage, screen)
    assert screen.now["closedToday"] == 1
    registry = stage.live.lists.registry

    async def tomorrow() -> datetime:
        return await clock() + timedelta(days=1)

    monkeypatch.setattr("resolvers.counters.clock", tomorrow)
    registry.skew += timedelta(days=1)
    registry.look_at_the_day()
    await moved(stage, screen)
    assert screen.now["closedToday"] == 0
    registry.look_at_the_day()
    assert registry.idle, "the next one is a day away"


async def test_another_time_zone(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    await bruno.do("ticketClose", ticketId=id)
    closed_at = (await clock()).replace(microsecond=0) - timedelta(hours=13)
    await Ticket.filter(id=number_of(id)).update(closed_at=closed_at)
    screen = CountersScreen(bruno, {})
    await opened(stage, screen)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Europe/Rome"):
        await bruno.do("viewerUpdate", timeZone=zone)
        await moved(stage, screen)
