"""The reply lock on the feed: taken, kept, lost, given back, run out."""

from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest

from models.desk import Desk
from models.drafts import Draft
from models.sql import clock, is_postgres
from models.tickets import Ticket
from realtime.cursors import Position
from realtime.log import Change, change_since
from tests.live.assert_live import watching
from tests.live.stage import Person, Stage, arrived, begun, eventually, number_of

pytestmark = pytest.mark.usefixtures("quick_viewers")
HELD = "... on ReplyLockHeld { lock { token expiresAt } }"


async def acquire(by: Person, id: str) -> dict[str, Any]:
    return (await by.do("replyLockAcquire", HELD, ticketId=id))["lock"]


def locks(frames: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    return [one["lock"] for one in frames if one["__typename"] == "ReplyLockChanged"]


async def is_locked(id: str) -> bool:
    return (await Ticket.get(id=number_of(id))).lock_holder_id is not None


async def test_acquire_renew_release(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [anna, bruno, mario])
    held = await acquire(anna, id)
    renewed = await anna.do("replyLockRenew", HELD, ticketId=id, lockToken=held["token"])
    await anna.do("replyLockRelease", ticketId=id, lockToken=held["token"])
    await stage.settled()
    mine, other, contact = [arrived(one.feed) for one in watchers]
    for frames, token in ((mine, held["token"]), (other, None)):
        told = locks(frames)
        assert told[-1] is None
        for lock in told[:-1]:
            assert lock is not None
            assert (lock["operator"]["name"], lock["token"]) == ("Anna", token)
            assert lock["expiresAt"] in (held["expiresAt"], renewed["lock"]["expiresAt"])
    assert contact == []


async def test_a_lease_runs_out_without_a_write(stage: Stage) -> None:
    await Desk.filter(id=1).update(lock_lease_s=2)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    await acquire(anna, id)
    row = await Ticket.get(id=number_of(id))
    assert (await feed.until("ReplyLockChanged"))["lock"]["operator"]["name"] == "Anna"
    assert (await feed.until("ReplyLockChanged"))["lock"] is None
    assert "REPLY" in (await feed.until("TicketChanged"))["ticket"]["allowedActions"]
    assert (await Ticket.get(id=number_of(id))).revision == row.revision


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_lease_runs_out_by_the_clock_of_the_database(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """Where that is another machine's, the process's may be wrong: nobody waits, nor asks on."""
    loads: list[int] = []

    async def counted(ticket_id: int, since: Position) -> Change | None:
        loads.append(ticket_id)
        return await change_since(ticket_id, since)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(minutes=minutes)

    monkeypatch.setattr("realtime.topic.change_since", counted)
    if is_postgres():
        monkeypatch.setattr("models.tickets.datetime", Wrong)
    await Desk.filter(id=1).update(lock_lease_s=2)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    await acquire(anna, id)
    assert (await feed.until("ReplyLockChanged"))["lock"]["operator"]["name"] == "Anna"
    assert (await feed.until("ReplyLockChanged"))["lock"] is None
    assert len(loads) < 10


async def test_a_second_session_takes_the_token(stage: Stage) -> None:
    mario, one, two, bruno = [await stage.person(n) for n in ("mario", "anna", "anna", "bruno")]
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [one, two, bruno])
    first = await acquire(one, id)
    await stage.settled()
    tokens = [locks(arrived(who.feed)) for who in watchers]
    assert [[lock and lock["token"] for lock in told] for told in tokens] == [
        [first["token"]],
        [None],
        [None],
    ]
    second = await acquire(two, id)
    assert int(second["token"]) == int(first["token"]) + 1
    await stage.settled()
    tokens = [locks(arrived(who.feed)) for who in watchers]
    assert [[lock and lock["token"] for lock in told] for told in tokens] == [
        [None],
        [second["token"]],
        [None],
    ]
    refused = await one.client.do("ticketReply", ticketId=id, body="x", lockToken=first["token"])
    assert refused["__typename"] == "LockLost"


@pytest.mark.parametrize("mutation", ["ticketReply", "ticketClose", "ticketDelete"])
async def test_what_ends_a_lock(stage: Stage, mutation: str) -> None:
    mario, bruno, anna = [await stage.person(one) for one in ("mario", "bruno", "anna")]
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [anna])
    held = await acquire(bruno, id)
    more = {
        "ticketReply": {"body": "Venga", "lockToken": held["token"]},
        "ticketClose": {"lockToken": held["token"]},
    }
    await bruno.do(mutation, ticketId=id, **more.get(mutation, {}))
    await stage.settled()
    frames = arrived(watcher.feed)
    if mutation == "ticketDelete":
        assert frames[-1]["__typename"] == "(complete)"
    else:
        assert locks(frames)[-1] is None
        assert frames[-1]["__typename"] in ("ReplyLockChanged", "ViewersChanged")


async def test_a_lock_elsewhere_is_given_back(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id, other = await stage.ticket(mario), await stage.ticket(mario)
    await acquire(anna, id)
    (watcher,) = await watching(stage, id, [bruno])
    await acquire(anna, other)
    await stage.settled()
    assert locks(arrived(watcher.feed)) == [None]


async def test_grace_after_the_last_feed(stage: Stage) -> None:
    await Desk.filter(id=1).update(lock_grace_s=1)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [bruno])
    tab = await stage.seat("anna", anna.client)
    mine = [await one.watch(id) for one in (anna, tab)]
    await eventually(lambda: all(map(begun, mine)))
    await acquire(anna, id)
    await stage.settled()
    await mine[0].stop()
    await stage.settled()
    assert not stage.live.keeper._leaving, "another tab is open"
    await stage.settled()
    await tab.connection.drop()
    while (await watcher.feed.until("ReplyLockChanged"))["lock"] is not None:
        pass
    assert not await is_locked(id)


async def test_who_comes_back_within_the_grace_keeps_it(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    await Desk.filter(id=1).update(lock_grace_s=1)
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [anna])
    await acquire(anna, id)
    await stage.settled()
    await watcher.feed.stop()
    keeper = stage.live.keeper
    await eventually(lambda: bool(keeper._leaving))
    feed = await anna.watch(id)
    await eventually(lambda: begun(feed))
    await eventually(lambda: not keeper._leaving)
    assert await is_locked(id)


async def test_a_second_leaving_has_a_grace_of_its_own(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [anna])
    await acquire(anna, id)
    keeper = stage.live.keeper
    await stage.settled()
    await watcher.feed.stop()
    await eventually(lambda: bool(keeper._leaving))
    (first,) = keeper._leaving.values()
    feed = await anna.watch(id)
    await eventually(lambda: begun(feed))
    await stage.settled()
    await feed.stop()
    await eventually(lambda: first not in keeper._leaving.values())
    assert first.cancelled() or first.cancelling()
    assert await is_locked(id)


async def test_a_holder_without_a_feed_has_the_lease(stage: Stage) -> None:
    await Desk.filter(id=1).update(lock_grace_s=0)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [bruno])
    await acquire(anna, id)
    await stage.settled()
    await watcher.feed.stop()
    await eventually(lambda: not stage.live.presence.tickets() and not stage.live.keeper._leaving)
    assert await is_locked(id)


async def test_an_open_feed_keeps_it_while_the_draft_changes(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    mine, other = await watching(stage, id, [anna, bruno])
    await acquire(anna, id)

    async def renewed() -> bool:
        before = (await Ticket.get(id=number_of(id))).lock_expires
        await stage.live.keeper._renew_once()
        return (await Ticket.get(id=number_of(id))).lock_expires != before

    assert not await renewed(), "nothing was typed"
    await anna.do("draftSave", ticketId=id, body="Ven", baseRevision=0)
    await stage.settled()
    arrived(other.feed)
    assert await renewed()
    await stage.settled()
    assert [one["__typename"] for one in arrived(other.feed)] == ["ReplyLockChanged"]
    almost = await clock() - timedelta(minutes=4, seconds=50)
    await Draft.all().update(saved_at=almost)
    assert await renewed()
    await Draft.all().update(saved_at=almost - timedelta(seconds=11))
    assert not await renewed(), "forgotten for five minutes"
    await anna.do("draftSave", ticketId=id, body="Venga", baseRevision=1)
    await stage.settled()
    await mine.feed.stop()
    await eventually(lambda: bool(stage.live.keeper._leaving))
    assert not await renewed(), "no feed is open"
