"""The lock asked for, handed over, taken over: who hears of it, and how often."""

from typing import Any

import pytest

from tests.administration.staff import program
from tests.live.assert_live import watching
from tests.live.backstage import DeafBroker
from tests.live.stage import Person, Stage, arrived, begun, eventually, number_of
from tests.support.live import Feed

pytestmark = pytest.mark.usefixtures("quick_viewers")
HELD = "... on ReplyLockHeld { lock { token } }"


async def lock(by: Person, id: str) -> str:
    return (await by.do("replyLockAcquire", HELD, ticketId=id))["lock"]["token"]


async def id_of(who: Person) -> str:
    return (await who.client.run("{ viewer { id } }"))["viewer"]["id"]


def asking(frames: list[dict[str, Any]]) -> list[str]:
    """Who asks, as these frames say."""
    return [one["by"]["name"] for one in frames if one["__typename"] == "ReplyLockRequested"]


async def first_frames(stage: Stage, feed: Feed) -> list[dict[str, Any]]:
    await eventually(lambda: begun(feed))
    await stage.settled()
    return arrived(feed)


async def test_every_feed_of_the_holder_is_told_once_and_nobody_else(stage: Stage) -> None:
    mario, anna, bruno, admin = [
        await stage.person(one) for one in ("mario", "anna", "bruno", "admin")
    ]
    id = await stage.ticket(mario)
    tab, other_session = await stage.seat("anna", anna.client), await stage.person("anna")
    tool = await stage.seat("anna", (await program(anna.client, "TICKETS_VIEW"))[0])
    hers = await watching(stage, id, [anna, tab, other_session, tool])
    others = await watching(stage, id, [bruno, admin, mario])
    await lock(anna, id)
    await stage.settled()
    for one in (*hers, *others):
        arrived(one.feed)
    for asker, times in ((bruno, 3), (admin, 2)):
        for _ in range(times):
            done = await asker.do("replyLockRequest", ticketId=id)
            assert done["__typename"] == "ReplyLockAsked"
    await stage.settled()
    assert [asking(arrived(one.feed)) for one in hers] == [["Bruno", "Admin"]] * 4
    assert [arrived(one.feed) for one in others] == [[], [], []]
    await mario.do("messagePost", ticketId=id, body="ancora")
    await lock(other_session, id)
    await stage.settled()
    assert [asking(arrived(one.feed)) for one in (*hers, *others)] == [[]] * 7


async def test_a_feed_that_opens_or_resumes_is_told_after_its_snapshot(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    token = await lock(anna, id)
    cursor = await anna.cursor(id)
    await bruno.do("replyLockRequest", ticketId=id)
    later = await anna.cursor(id)
    for after in (None, cursor, later, "no cursor"):
        frames = await first_frames(stage, await anna.watch(id, after))
        types = [one["__typename"] for one in frames]
        assert types[types.index("TicketSnapshot") + 1] == "ReplyLockRequested"
        assert asking(frames) == ["Bruno"]
    assert asking(await first_frames(stage, await bruno.watch(id))) == []
    await anna.do("replyLockRelease", ticketId=id, lockToken=token)
    await lock(anna, id)
    assert asking(await first_frames(stage, await anna.watch(id, cursor))) == []


async def test_it_comes_without_a_hint(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = DeafBroker(monkeypatch)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    await lock(anna, id)
    (mine,) = await watching(stage, id, [anna])
    deaf.loses = lambda hint: hint.get("ticket") == number_of(id)
    await bruno.do("replyLockRequest", ticketId=id)
    await stage.settled()
    assert arrived(mine.feed) == []
    for _ in range(2):
        await stage.live.hub._check_once()
        await stage.settled()
    assert [one["__typename"] for one in arrived(mine.feed)] == ["ReplyLockRequested"]


async def test_the_lock_goes_to_the_session_that_asked(stage: Stage) -> None:
    mario, anna, bruno, desk = [
        await stage.person(one) for one in ("mario", "anna", "bruno", "bruno")
    ]
    id, elsewhere = await stage.ticket(mario), await stage.ticket(mario)
    await lock(bruno, elsewhere)
    token = await lock(anna, id)
    await bruno.do("replyLockRequest", ticketId=id)
    watchers = await watching(stage, id, [anna, bruno, desk])
    (there,) = await watching(stage, elsewhere, [anna])
    done = await anna.do(
        "replyLockRelease",
        "... on ReplyLockReleased { ticket { lock { operator { name } token } allowedActions } }",
        ticketId=id,
        lockToken=token,
        handTo=await id_of(bruno),
    )
    assert done["ticket"]["lock"] == {"operator": {"name": "Bruno"}, "token": None}
    assert done["ticket"]["allowedActions"] == ["VIEW"]
    await stage.settled()
    tokens: list[str | None] = []
    for one in watchers:
        (told,) = [f for f in arrived(one.feed) if f["__typename"] == "ReplyLockChanged"]
        assert told["lock"]["operator"]["name"] == "Bruno"
        tokens.append(told["lock"]["token"])
    assert tokens == [None, str(int(token) + 1), None]
    assert {"__typename": "ReplyLockChanged", "lock": None} in arrived(there.feed)
    refused = await anna.client.do("ticketReply", ticketId=id, body="x", lockToken=token)
    assert refused["__typename"] == "LockLost"
    await bruno.do("ticketReply", ticketId=id, body="Venga", lockToken=tokens[1])


async def test_who_lost_sight_is_given_nothing(stage: Stage) -> None:
    mario, anna, bruno, admin = [
        await stage.person(one) for one in ("mario", "anna", "bruno", "admin")
    ]
    id = await stage.ticket(mario)
    token = await lock(anna, id)
    await bruno.do("replyLockRequest", ticketId=id)
    receiver = await id_of(bruno)
    taken = await admin.do("operatorDeactivate", operatorId=receiver)
    assert taken["__typename"] == "OperatorDeactivated"
    refused = await anna.client.do(
        "replyLockRelease",
        "... on InvalidInput { fields { path } }",
        ticketId=id,
        lockToken=token,
        handTo=receiver,
    )
    assert refused["fields"] == [{"path": ["handTo"]}]
    assert (await anna.do("replyLockRenew", HELD, ticketId=id, lockToken=token))["lock"]


async def test_the_old_holder_sees_who_took_it_and_why(stage: Stage) -> None:
    mario, anna, admin = [await stage.person(one) for one in ("mario", "anna", "admin")]
    id = await stage.ticket(mario)
    token = await lock(anna, id)
    mine, theirs = await watching(stage, id, [anna, admin])
    await admin.do("replyLockTakeOver", ticketId=id, reason="Sei in ferie")
    await stage.settled()
    for one, seen in ((mine, None), (theirs, str(int(token) + 1))):
        added, moved, *_ = arrived(one.feed)
        assert added["__typename"] == "EntryAdded"
        assert added["entry"]["kind"] == "LOCK_TAKEN_OVER"
        assert added["entry"]["note"] == "Sei in ferie"
        assert added["entry"]["changes"] == [{"field": "lock", "from": "Anna", "to": "Admin"}]
        assert moved["__typename"] == "ReplyLockChanged"
        assert (moved["lock"]["operator"]["name"], moved["lock"]["token"]) == ("Admin", seen)
    refused = await anna.client.do("ticketReply", ticketId=id, body="x", lockToken=token)
    assert refused["__typename"] == "LockLost"


async def test_an_api_token_is_a_session_of_its_own(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    client, _ = await program(anna.client, "TICKETS_VIEW", "TICKETS_WRITE")
    tool = await stage.seat("anna", client)
    watchers = await watching(stage, id, [anna, tool])
    first = await lock(anna, id)
    second = await lock(tool, id)
    assert int(second) == int(first) + 1
    assert await lock(tool, id) == second
    await stage.settled()
    for one, token in zip(watchers, (None, second), strict=True):
        told = [f["lock"] for f in arrived(one.feed) if f["__typename"] == "ReplyLockChanged"]
        assert told[-1]["token"] == token
    refused = await anna.client.do("ticketReply", ticketId=id, body="x", lockToken=first)
    assert refused["__typename"] == "LockLost"
    await bruno.do("replyLockRequest", ticketId=id)
    await stage.settled()
    assert [asking(arrived(one.feed)) for one in watchers] == [["Bruno"], ["Bruno"]]
    await tool.do("ticketReply", ticketId=id, body="Venga", lockToken=second)
