"""Hints may be lost, doubled, late or nonsense, and loads may fail: no feed is ever wrong."""

import asyncio
from typing import Any

import pytest

from models.desk import DepartmentOperator
from realtime.broker import Hint
from realtime.cursors import Position
from realtime.feed_events import Added, Changed, Frame, Snapshot, TicketMoved
from realtime.hub import Topic
from realtime.log import change_since
from tests.live.assert_live import watching
from tests.live.backstage import (
    DeafBroker,
    Frames,
    change_entries,
    contact_frames,
    operator_frames,
    with_rights_changed,
)
from tests.live.stage import Person, Stage, arrived, as_hint, eventually, number_of
from tests.support.live import PATIENCE_S

pytestmark = pytest.mark.usefixtures("quick_viewers")


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> DeafBroker:
    return DeafBroker(monkeypatch)


async def taken(frames: Frames, count: int) -> list[Frame]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(frames) for _ in range(count)]


async def loaded(stage: Stage, id: str) -> None:
    """The topic has loaded what there is, though its listeners may not have taken it."""
    ticket = (await change_since(number_of(id), Position(0, 0))) or pytest.fail("no ticket")
    topic = stage.live.hub._topics[number_of(id)]
    await eventually(lambda: topic.position == ticket.position and not topic._dirty.is_set())


def numbers(frames: list[dict[str, Any]]) -> list[int]:
    return [one["entry"]["number"] for one in frames if "entry" in one]


async def leave_every_department() -> None:
    await DepartmentOperator.all().delete()


async def _posts(by: Person, id: str, count: int) -> None:
    for _ in range(count):
        await by.do("messagePost", ticketId=id, body="ancora")


@pytest.mark.parametrize("side", ["desk", "client"])
async def test_a_reader_that_stood_still_gets_all_of_it_once(
    stage: Stage, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its place is kept by the log, not by the buffer."""
    monkeypatch.setattr("realtime.listener.BUFFER", 3)
    mario = await stage.person("mario")
    id = await stage.ticket(mario)
    by_hand = operator_frames if side == "desk" else contact_frames
    frames = await by_hand(stage.live, "bruno" if side == "desk" else "mario", id)
    await taken(frames, 1)
    first = asyncio.ensure_future(taken(frames, 1))
    await _posts(mario, id, 1)
    await first
    for _ in range(9):  # a frame is out, and the reader does not ask for the next
        await _posts(mario, id, 1)
        await loaded(stage, id)
    (listener,) = stage.live.hub._topics[number_of(id)].listeners
    assert len(listener._waiting) <= 3
    added = [one.entry.number for one in await taken(frames, 9) if isinstance(one, Added)]
    assert added == list(range(3, 12))
    await frames.aclose()


@pytest.mark.usefixtures("faults")
async def test_a_load_that_fails_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.topic.RETRY_S", 0.01)
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [bruno])
    failures = iter([True, True])

    async def failing(ticket_id: int, since: Position) -> Any:
        if next(failures, False):
            raise OSError("the database is away")
        return await change_since(ticket_id, since)

    monkeypatch.setattr("realtime.topic.change_since", failing)
    await _posts(mario, id, 3)
    while len(watcher.feed.seen) < 3:
        await watcher.feed.next()
    assert numbers(watcher.feed.seen) == [2, 3, 4]


async def test_lost_hints_are_found_by_the_position_check(stage: Stage, deaf: DeafBroker) -> None:
    deaf.loses = lambda hint: "ticket" in hint
    mario, bruno, anna = [await stage.person(one) for one in ("mario", "bruno", "anna")]
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [bruno, mario])
    await _posts(mario, id, 2)
    await anna.do("replyLockAcquire", ticketId=id)
    await stage.settled()
    assert [arrived(one.feed) for one in watchers] == [[], []]
    assert len(deaf.lost) >= 3
    await stage.live.hub._check_once()
    await stage.settled()
    desk, client = [arrived(one.feed) for one in watchers]
    assert numbers(desk) == [2, 3]
    assert "ReplyLockChanged" in [one["__typename"] for one in desk]
    assert [one["message"]["number"] for one in client] == [2, 3]


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.checking.HEALTHY_S", 0.05)


@pytest.mark.usefixtures("quick_checks")
async def test_the_check_goes_on_by_itself(stage: Stage, deaf: DeafBroker) -> None:
    """Also for rights: a silent feed ends though nobody said a word."""
    deaf.loses = lambda _hint: True
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    await _posts(mario, id, 1)
    assert (await feed.until("EntryAdded"))["entry"]["number"] == 2
    await with_rights_changed(leave_every_department)
    await feed.until("AccessRevoked")
    await feed.completed()


async def test_strange_hints_do_no_harm(stage: Stage, deaf: DeafBroker) -> None:
    """Doubled, reordered, far ahead, of nonsense: each entry comes once."""
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [bruno, mario])
    deaf.loses = lambda hint: "number" in hint
    await _posts(mario, id, 3)
    late = deaf.lost[::-1]
    deaf.loses = lambda _hint: False
    strange: list[Hint] = [
        as_hint(id, revision=10**12, number=10**12),
        as_hint(id, revision="x"),
        as_hint(id, number=-5, revision=-5),
        as_hint(id, operator="x"),
        as_hint(id, operator=10**9),
        as_hint(id),
        {"ticket": "x"},
        {"ticket": -1, "revision": 1},
        {"session": "x"},
        {"rights": "x"},
        {"x": 1},
    ]
    for hint in [*late, *strange, *late, *strange]:
        await stage.live.broker.publish(hint)
    await stage.settled()
    desk, client = [arrived(one.feed) for one in watchers]
    assert [one["entry"]["number"] for one in desk] == [2, 3, 4]
    assert [one["message"]["number"] for one in client] == [2, 3, 4]


async def test_a_wake_before_the_position_is_known_is_not_lost(stage: Stage) -> None:
    mario = await stage.person("mario")
    id = await stage.ticket(mario)
    frames = await operator_frames(stage.live, "bruno", id)
    assert isinstance((await taken(frames, 1))[0], Snapshot)
    topic = stage.live.hub._topics[number_of(id)]
    await _posts(mario, id, 1)
    await stage.backstage._hinted()
    await eventually(lambda: not topic._dirty.is_set())
    assert topic.position is None
    (added,) = await taken(frames, 1)
    assert isinstance(added, Added)
    await frames.aclose()


async def test_the_first_to_go_live_knows_more_than_another(stage: Stage) -> None:
    """Bruno read the row before an entry changed, Anna after; Anna's position is the topic's."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await anna.do("ticketReply", ticketId=id, body="due")
    slow, quick = [await operator_frames(stage.live, one, id) for one in ("bruno", "anna")]
    await taken(slow, 1)
    await change_entries(id, 2)
    await taken(quick, 1)
    live = asyncio.ensure_future(taken(quick, 1))
    await asyncio.sleep(0)
    assert stage.live.hub._topics[number_of(id)].position
    (changed,) = await taken(slow, 1)
    assert isinstance(changed, Changed)
    live.cancel()
    await asyncio.wait([live])
    await quick.aclose()
    await slow.aclose()


def unmoved(_topic: Topic) -> None:
    """Nobody is told of viewers."""


async def test_a_new_feed_ahead_of_its_topic(
    stage: Stage, deaf: DeafBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has an entry the topic has not; when that entry changes, it is not news but a change."""
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    (old,) = await watching(stage, id, [anna])
    deaf.loses = lambda hint: "ticket" in hint
    monkeypatch.setattr(Topic, "viewers_moved", Topic.__str__)  # or it would load for that
    await bruno.do("ticketReply", ticketId=id, body="due")
    (new,) = await watching(stage, id, [bruno])
    arrived(old.feed)
    deaf.loses = lambda _hint: False
    await change_entries(id, 2)
    await stage.settled()
    assert [(one["__typename"], one["entry"]["delivery"]) for one in arrived(new.feed)] == [
        ("EntryChanged", "SENT")
    ]


async def test_what_was_loaded_under_old_rights_is_not_sent(stage: Stage) -> None:
    mario = await stage.person("mario")
    id = await stage.ticket(mario)
    frames = await operator_frames(stage.live, "bruno", id)
    await taken(frames, 1)
    first = asyncio.ensure_future(taken(frames, 1))
    await _posts(mario, id, 1)
    await first
    await _posts(mario, id, 1)
    await loaded(stage, id)
    version = stage.live.hub._topics[number_of(id)]._rights_version
    await with_rights_changed(leave_every_department)
    topic = stage.live.hub._topics[number_of(id)]
    await eventually(lambda: topic._rights_version != version)
    rest = [type(one).__name__ async for one in frames]
    assert rest == ["Revoked"]


async def test_old_news_of_a_turn_is_none(stage: Stage, deaf: DeafBroker) -> None:
    """A contact's feed that read the row later than its topic is not told what it was before."""
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    (_desk,) = await watching(stage, id, [bruno])
    topic = stage.live.hub._topics[number_of(id)]
    earlier = (await change_since(topic.ticket_id, Position(0, 0))) or pytest.fail("no ticket")
    deaf.loses = lambda hint: "ticket" in hint
    await bruno.do("ticketClose", ticketId=id)
    (contact,) = await watching(stage, id, [mario])
    topic.tell(earlier)
    await stage.settled()
    assert arrived(contact.feed) == []
    assert TicketMoved.__name__ not in contact.types
