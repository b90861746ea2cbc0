"""The first frames of `ticketEvents`, exactly as its description says."""

import base64
from typing import Any
from uuid import uuid4

import pytest

from models.desk import Desk
from models.enums import EntryKind, Turn
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry
from realtime.cursors import Cursor, Position, decode
from realtime.log import TOO_FAR
from tests.live.stage import Person, Stage, arrived, begun, eventually, number_of
from tests.support.site import gid
from tests.support.statements import counted

NUMBERS = """
subscription ($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename
    ... on EntryAdded { entry { number } cursor }
    ... on FeedReset { reason cursor }
    ... on TicketSnapshot { cursor }
  }
}"""


async def first(stage: Stage, who: Person, id: str, after: str | None) -> list[dict[str, Any]]:
    """All that comes when nothing happens."""
    feed = await who.watch(id, after)
    await eventually(lambda: begun(feed))
    await stage.settled()
    await feed.stop()
    return arrived(feed)


def told(frames: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """Type, and number or reason."""
    told: list[tuple[str, Any]] = []
    for one in frames:
        entry: dict[str, Any] = one.get("entry") or one.get("message") or {}
        told.append((one["__typename"], entry.get("number") or one.get("reason")))
    return told


SNAPSHOT = ("TicketSnapshot", None)


@pytest.mark.usefixtures("quick_viewers")
async def test_operators(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id, other = await stage.ticket(mario), await stage.ticket(mario)
    start = await anna.cursor(id)
    await mario.do("messagePost", ticketId=id, body="due")
    await anna.do("ticketAddNote", ticketId=id, body="tre")
    assert told(await first(stage, anna, id, None)) == [SNAPSHOT]
    missed = await first(stage, anna, id, start)
    assert told(missed) == [("EntryAdded", 2), ("EntryAdded", 3), SNAPSHOT]
    assert missed[-1]["cursor"] == missed[-2]["cursor"] == await anna.cursor(id)
    assert told(await first(stage, anna, id, missed[-1]["cursor"])) == [SNAPSHOT]
    assert told(await first(stage, anna, id, missed[0]["cursor"])) == [("EntryAdded", 3), SNAPSHOT]
    await _unreplayable(stage, anna, id, other)


@pytest.mark.usefixtures("quick_viewers")
async def test_contacts(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id, other = await stage.ticket(mario), await stage.ticket(mario)
    start = await mario.cursor(id)
    await anna.do("ticketAddNote", ticketId=id, body="tra noi")
    await anna.do("ticketReply", ticketId=id, body="Venga")
    assert told(await first(stage, mario, id, None)) == [SNAPSHOT]
    missed = await first(stage, mario, id, start)
    assert told(missed) == [("MessageAdded", 2), SNAPSHOT]
    assert told(await first(stage, mario, id, missed[0]["cursor"])) == [SNAPSHOT]
    # An operator's cursor counts what contacts must not count.
    assert told(await first(stage, mario, id, await anna.cursor(id)))[0][0] == "FeedReset"
    await _unreplayable(stage, mario, id, other)


async def _unreplayable(stage: Stage, who: Person, id: str, other: str) -> None:
    cursor = await who.cursor(id)
    at = decode(cursor)
    assert at
    place = at.position
    beyond = (Position(place.number + 1, place.revision), Position(place.number, 10**6))
    strange = ["", "x", "é", "\0", "====", "a" * 5000, _coded("1:2:3:4:5"), _coded("a:b:c:d")]
    strange += [_coded(f"{at.epoch}:{at.ticket_id}:-1:0"), _coded(f"{at.epoch}::1:1")]
    strange += [Cursor(at.epoch, at.ticket_id, one).encode() for one in beyond]
    strange.append(await who.cursor(other))
    for after in strange:
        frames = await first(stage, who, id, after)
        assert told(frames) == [("FeedReset", "UNKNOWN_CURSOR"), SNAPSHOT], after
        assert frames[0]["cursor"] == frames[1]["cursor"] == cursor
    await Desk.filter(id=1).update(epoch=uuid4().hex)
    frames = await first(stage, who, id, cursor)
    assert told(frames) == [("FeedReset", "RESTORED"), SNAPSHOT]
    assert told(await first(stage, who, id, frames[0]["cursor"])) == [SNAPSHOT]


def _coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_too_far_behind(stage: Stage) -> None:
    """1,000 entries are replayed, over pages of 500; 1,001 are not."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    start = await anna.cursor(id)
    await _grow(id, TOO_FAR)
    feed = await anna.connection.subscribe(NUMBERS, id=id, after=start)
    numbers = [(await feed.next())["entry"]["number"] for _ in range(TOO_FAR)]
    assert numbers == list(range(2, TOO_FAR + 2))
    assert (await feed.next())["__typename"] == "TicketSnapshot"
    await stage.settled()
    await feed.stop()
    await _grow(id, 1)
    assert told(await first(stage, anna, id, start)) == [("FeedReset", "TOO_FAR_BEHIND"), SNAPSHOT]


async def _grow(id: str, by: int) -> None:
    ticket = await Ticket.get(id=number_of(id))
    now = await clock()
    await TimelineEntry.bulk_create(
        TimelineEntry(
            ticket_id=ticket.id,
            number=ticket.seq + one,
            kind=EntryKind.INTERNAL_NOTE,
            created_at=now,
            turn_after=Turn.OPERATOR,
        )
        for one in range(1, by + 1)
    )
    await Ticket.filter(id=ticket.id).update(seq=ticket.seq + by, revision=ticket.revision + by)


@pytest.mark.parametrize("blind", ["carla", "giulia"])
async def test_hidden_and_missing_tickets_are_alike(stage: Stage, blind: str) -> None:
    mario, who = await stage.person("mario"), await stage.person(blind)
    hidden, missing = await stage.ticket(mario), gid("Ticket", 987)
    raw: list[list[dict[str, Any]]] = []
    await stage.live.watch.stop()
    await stage.live.keeper.stop()
    for id in (missing, hidden, missing, hidden):
        with counted() as statements:
            feed = await who.watch(id, "x")
            messages = [await who.connection.message(feed._id) for _ in range(2)]
        text = str([{**one, "id": ""} for one in messages]).replace(id, "")
        raw.append([{"frames": text, "statements": len(statements)}])
    assert "AccessRevoked" in str(raw)
    assert "complete" in str(raw)
    assert raw[2] == raw[3]
    await stage.settled()
    assert not stage.live.hub._topics
