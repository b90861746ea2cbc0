"""Audiences of one ticket beside each other, and beside what is older or fails."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from models.tickets import Ticket
from realtime.audience import Audience
from realtime.cursors import Position
from realtime.feed_events import Frame
from realtime.listener import Listener
from realtime.log import change_since
from realtime.topic import Topic
from resolvers.together import Together
from tests.live.stage import Person, Stage, arrived, eventually, number_of
from tests.live.test_statements import alone
from tests.support.live import Feed
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("quick_viewers")


@pytest.mark.usefixtures("faults")
async def test_an_audience_that_fails_is_not_told_beside_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fails at once, another takes longer than the pause: it is told nothing twice."""
    monkeypatch.setattr("realtime.topic.RETRY_S", 0.01)
    mario, bruno, anna = [await stage.person(one) for one in ("mario", "bruno", "anna")]
    id = await stage.ticket(mario)
    feeds = [
        await who.connection.subscribe(
            "subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename"
            f" ... on EntryAdded {{ entry {{ number {alias}: number }} }} }} }}",
            id=id,
        )
        for who, alias in ((bruno, "fails"), (anna, "lingers"))
    ]
    topic = await riding(stage, id, 2)
    failing, lingering = topic.audiences.values()
    judge, rendered, failures = Audience._judge, Audience._rendered, iter([True])
    beside = asyncio.Event()

    async def judged(audience: Audience, ticket: Ticket) -> None:
        if audience is failing and next(failures, False):
            raise OSError("the database is away")
        await judge(audience, ticket)

    async def slowly(audience: Audience, frame: Frame) -> Any:
        if audience is lingering:
            entered.append(frame)
            if len(entered) > 1:
                beside.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(beside.wait(), 0.3)
        return await rendered(audience, frame)

    entered: list[Frame] = []
    monkeypatch.setattr(Audience, "_judge", judged)
    monkeypatch.setattr(Audience, "_rendered", slowly)
    await mario.do("messagePost", ticketId=id, body="ancora")
    for feed in feeds:
        await feed.until("EntryAdded")
    await stage.settled()
    assert [arrived(feed) for feed in feeds] == [[], []]
    assert len(entered) == 1


async def riding(stage: Stage, id: str, count: int) -> Topic:
    """The topic of the ticket, once so many feeds are told by audiences and nothing waits."""
    topics = stage.live.hub._topics

    def are() -> bool:
        topic = topics.get(number_of(id))
        return topic is not None and sum(map(len, topic.audiences.values())) == count

    await eventually(are)
    await stage.settled()
    return topics[number_of(id)]


async def test_who_comes_while_an_audience_is_told_boards_it_then(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would be executed for them alone, and, being quicker, at the next change again."""
    monkeypatch.setattr(Topic, "viewers_moved", Topic.__str__)  # or it would load for that
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    query = OWN.replace("ALIAS", "a")
    first = await anna.connection.subscribe(query, id=id)
    topic = await riding(stage, id, 1)
    rendered, rendering, go_on = Audience._rendered, asyncio.Event(), asyncio.Event()

    async def slowly(audience: Audience, frame: Frame) -> Any:
        rendering.set()
        await go_on.wait()
        return await rendered(audience, frame)

    monkeypatch.setattr(Audience, "_rendered", slowly)
    await mario.do("messagePost", ticketId=id, body="ancora")
    await rendering.wait()
    second = await anna.connection.subscribe(query, id=id)
    assert (await second.next())["__typename"] == "TicketSnapshot"
    await eventually(lambda: all(_awaits(one) for one in topic.listeners))
    assert sum(map(len, topic.audiences.values())) == 1
    go_on.set()
    await riding(stage, id, 2)
    assert (await first.until("EntryAdded"))["a"]["number"] == 2
    assert arrived(second) == []


def _awaits(listener: Listener) -> bool:
    inside: Any = listener._arrived
    return listener.riding or bool(inside._waiters)


async def test_an_own_state_takes_nobody_back(stage: Stage) -> None:
    """What was loaded for it is older than what whoever boards has been told by then."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    feed = await anna.connection.subscribe(
        "subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename"
        " ... on EntryAdded { ticket { lastEntryNumber } }"
        " ... on TicketChanged { ticket { lastEntryNumber } } } }",
        id=id,
    )
    topic = await riding(stage, id, 1)
    (audience,) = topic.audiences.values()
    old = (await change_since(number_of(id), Position(0, 0))) or pytest.fail("no ticket")
    await mario.do("messagePost", ticketId=id, body="ancora")
    await stage.settled()
    assert [one["ticket"]["lastEntryNumber"] for one in arrived(feed) if "ticket" in one] == [2]
    await audience.tell_own(frozenset(audience.operators()), old)
    await stage.settled()
    assert [one["ticket"]["lastEntryNumber"] for one in arrived(feed)] == [2]


OWN = """
subscription ($id: ID!) {
  ticketEvents(ticketId: $id) {
    __typename
    ... on EntryAdded { ticket { number unread draft { body } } ALIAS: entry { number } }
  }
}"""


async def test_who_looks_differently_is_loaded_together(stage: Stage) -> None:
    """What depends on who looks takes a statement each for all audiences, not for each viewer."""
    mario = await stage.person("mario")
    id = await stage.ticket(mario)
    await alone(stage)
    unread: list[int] = []
    for aliases in (("a", "a", "a"), ("b", "c", "d")):
        people: list[Person] = [await stage.person(one) for one in ("anna", "bruno", "admin")]
        feeds: list[Feed] = [
            await one.connection.subscribe(OWN.replace("ALIAS", alias), id=id)
            for one, alias in zip(people, aliases, strict=True)
        ]
        await riding(stage, id, 3)
        with counted() as statements:
            await mario.do("messagePost", ticketId=id, body="ancora")
            await stage.settled()
        told = [one for feed in feeds for one in arrived(feed) if one["__typename"] == "EntryAdded"]
        assert [one["ticket"]["unread"] for one in told] == [True] * 3
        unread.append(sum("AS operator, t.id AS ticket" in one for one in statements.sent))
        unread.append(sum('FROM "draft"' in one for one in statements.sent))
        for feed in feeds:
            await feed.stop()
        await eventually(lambda: not stage.live.hub._topics)
    assert unread == [1, 1, 1, 1]


async def test_who_comes_to_a_change_late_is_loaded_alone(stage: Stage) -> None:
    """What was loaded for others does not say of them that they have read everything."""
    mario = await stage.person("mario")
    id = number_of(await stage.ticket(mario))
    memo: dict[str, Any] = {"operators": {1}, "tickets": {id}}
    together = Together.of(memo)
    assert together is not None
    await together.unread()
    memo["operators"].add(2)
    memo["tickets"].add(id + 1)
    assert together.covers(1, [id])
    assert not together.covers(2, [id])
    assert not together.covers(1, [id + 1])


@pytest.mark.usefixtures("faults")
@pytest.mark.parametrize("riding_already", [False, True])
async def test_a_frame_that_cannot_be_made_is_not_passed_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, riding_already: bool
) -> None:
    """Whoever asked for what failed is to come again, and gets it then; others get it at once."""
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    cursor = await anna.cursor(id)
    shared = OWN.replace("unread draft { body }", "").replace("ALIAS", "a")
    other = await bruno.connection.subscribe(shared, id=id)
    own = OWN.replace("ALIAS", "a").replace("($id: ID!)", "($id: ID!, $after: String)")
    own = own.replace("ticketId: $id)", "ticketId: $id, after: $after)")
    again = await stage.seat("anna", anna.client)
    with monkeypatch.context() as broken:
        if riding_already:
            await anna.connection.subscribe(own, id=id)
            await riding(stage, id, 2)
        broken.setattr("resolvers.loaders.unread_sql", _away)
        broken.setattr(Together, "_load_unread", _away)
        await mario.do("messagePost", ticketId=id, body="ancora")
        if not riding_already:
            await anna.connection.subscribe(own, id=id, after=cursor)
        assert await anna.connection.closed() == 1012
        assert (await other.until("EntryAdded"))["a"]["number"] == 2
    mine = await again.connection.subscribe(own, id=id, after=cursor)
    assert (await mine.next())["a"]["number"] == 2


def _away(*_: object) -> None:
    raise OSError("the database is away")
