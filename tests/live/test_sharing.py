"""Who asks the same is told the same, at the price of one; who asks for more gets their own."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from app.transport.engine import Prepared
from app.transport.sharing import Shares, Sharing
from resolvers import batches
from resolvers.loaders import Loaders
from resolvers.sharing import Batched
from schema.desk.shareable import SHAREABLE as SHARED_BY_OPERATORS
from tests.live.stage import Person, Stage, arrived, begun, eventually, number_of
from tests.live.test_statements import SHAREABLE as DOCUMENT
from tests.support.live import Feed

pytestmark = pytest.mark.usefixtures("quick_viewers")

RESUMED = DOCUMENT.replace("($id: ID!)", "($id: ID!, $from: String)").replace(
    "(ticketId: $id)", "(ticketId: $id, after: $from)"
)
OWN = """
subscription ($id: ID!) {
  ticketEvents(ticketId: $id) {
    __typename
    ... on EntryAdded { ticket { number unread allowedActions } entry { number } }
    ... on ReplyLockChanged { lock { operator { name } token } }
  }
}"""
CHANGES = """
subscription ($id: ID!) {
  ticketEvents(ticketId: $id) {
    __typename
    ... on EntryAdded { entry { number ... on Post { bodyText } ... on SystemEvent { changes { to } } } }
  }
}"""  # noqa: E501


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What events were executed, each time one was."""
    done: list[str] = []
    execute = Prepared.execute

    async def counted(prepared: Prepared, event: object, context: object) -> Any:
        done.append(type(event).__name__)
        return await execute(prepared, event, context)

    monkeypatch.setattr(Prepared, "execute", counted)
    return done


async def live(stage: Stage, id: str, count: int, feeds: Sequence[Feed]) -> None:
    """All have come, and are told by audiences."""
    await eventually(lambda: all(map(begun, feeds)))
    await eventually(partial(riders_are, stage, id, count))
    await stage.settled()
    for feed in feeds:
        arrived(feed)


def riders_are(stage: Stage, id: str, count: int) -> bool:
    topic = stage.live.hub._topics[number_of(id)]
    return sum(map(len, topic.audiences.values())) == count


async def watchers(stage: Stage, id: str, document: str, **variables: Any) -> list[Feed]:
    """Three operators, two of them with two tabs."""
    people = [await stage.person(name) for name in ("anna", "bruno", "admin")]
    people += [await stage.seat("anna", people[0].client), await stage.person("bruno")]
    return [await one.connection.subscribe(document, id=id, **variables) for one in people]


async def test_one_execution_for_all(stage: Stage, executed: list[str]) -> None:
    """Wherever each began."""
    mario, carla = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    feeds = await watchers(stage, id, RESUMED)
    feeds += await watchers(stage, id, RESUMED, **{"from": await carla.cursor(id)})
    await live(stage, id, 10, feeds)
    (audience,) = stage.live.hub._topics[number_of(id)].audiences.values()
    executed.clear()
    await mario.do("messagePost", ticketId=id, body="uno")
    await carla.do("ticketReply", ticketId=id, body="due")
    await stage.settled()
    assert executed == ["Added", "Added"]
    told = [arrived(feed) for feed in feeds]
    assert all(one == told[0] for one in told)
    assert [one["entry"]["number"] for one in told[0]] == [2, 3]
    assert len(audience) == 10
    for feed in feeds:
        await feed.stop()
    await eventually(lambda: not stage.live.hub._topics)


async def test_who_asks_for_more_gets_their_own(stage: Stage, executed: list[str]) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    feeds = await watchers(stage, id, OWN)
    await live(stage, id, 5, feeds)
    executed.clear()
    await anna.do("ticketReply", ticketId=id, body="due")
    await stage.settled()
    assert executed == ["Added"] * 5
    frames = [arrived(feed) for feed in feeds]
    assert [one[0]["ticket"]["unread"] for one in frames] == [True] * 5
    await anna.do("ticketMarkRead", ticketId=id, upTo=2)
    await mario.do("messagePost", ticketId=id, body="tre")
    await anna.do("ticketMarkRead", ticketId=id, upTo=3)
    tokens: list[list[str | None]] = []
    for by in (feeds[0]._connection, feeds[1]._connection):
        person = next(one for one in stage.people if one.connection is by)
        await person.do("replyLockAcquire", ticketId=id)
        await stage.settled()
        told = [one for feed in feeds for one in arrived(feed) if "lock" in one]
        tokens.append([one["lock"]["token"] for one in told if one["lock"]])
        await person.do("ticketLeave", ticketId=id)
        await stage.settled()
    # The session that holds it, in each of its tabs, and nobody else.
    assert [[token is not None for token in one] for one in tokens] == [
        [True, False, False, True, False],
        [False, True, False, False, False],
    ]


async def test_what_is_not_executed_is_nobodys_business(stage: Stage, executed: list[str]) -> None:
    """An event's changes are filtered by sight; who asks for them still shares posts."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    feeds = await watchers(stage, id, CHANGES)
    await live(stage, id, 5, feeds)
    executed.clear()
    await mario.do("messagePost", ticketId=id, body="uno")
    await stage.settled()
    assert executed == ["Added"]
    executed.clear()
    await anna.do("ticketUpdate", ticketId=id, addTags=["urgente"])
    await stage.settled()
    assert executed == ["Added"] * 5
    for feed in feeds:
        assert [one["entry"]["number"] for one in arrived(feed)] == [2, 3]


@pytest.mark.usefixtures("faults")
async def test_a_whitelist_that_is_wrong_leaks_nothing(
    stage: Stage, executed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no viewer in a shared execution: whoever asks for one raises."""
    more = SHARED_BY_OPERATORS | {"Ticket.unread", "Ticket.allowedActions"}
    begin = Shares.__init__

    def credulous(shares: Shares, schema: Any, sharing: Sharing, *rest: Any) -> None:
        begin(shares, schema, replace(sharing, fields=more), *rest)

    monkeypatch.setattr(Shares, "__init__", credulous)
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    feeds = await watchers(stage, id, OWN)
    await live(stage, id, 5, feeds)
    await anna.do("ticketMarkRead", ticketId=id, upTo=1)
    await stage.settled()
    [arrived(feed) for feed in feeds]
    executed.clear()
    with capture_logs() as logs:
        await anna.do("ticketAddNote", ticketId=id, body="tra noi")
        await stage.settled()
    assert "not shareable after all" in [one["event"] for one in logs]
    assert executed == ["Added"] * 6
    unread = [arrived(feed)[0]["ticket"]["unread"] for feed in feeds]
    assert unread == [False, True, True, False, True]


async def test_the_ended_session_of_one_tab_ends_no_other(stage: Stage) -> None:
    """Not even by a frame between the end and the notice of it."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    out: Person = await stage.person("anna")
    people = [anna, out]
    feeds = [await one.connection.subscribe(DOCUMENT, id=id) for one in people]
    await live(stage, id, 2, feeds)
    await stage.live.watch.stop()
    await out.client.run("mutation { signOut { __typename } }")
    await mario.do("messagePost", ticketId=id, body="uno")
    assert await out.connection.closed() == 4403
    assert (await feeds[0].until("EntryAdded"))["entry"]["number"] == 2
    with pytest.raises(ConnectionClosed):
        await feeds[1].until("EntryAdded")


@pytest.mark.usefixtures("faults")
@pytest.mark.parametrize("failures", [1, 2, 1000])
async def test_what_cannot_be_rendered_is_not_skipped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """A moment's failure is tried again; else the client comes back, and has it then."""
    monkeypatch.setattr("app.transport.stream.RETRY_S", 0.01)
    left = iter(range(failures))

    async def failing(ids: list[int]) -> list[list[Any]]:
        if next(left, None) is not None:
            raise OSError("the database is away")
        return await batches.documents(ids)

    documents = Batched(failing)
    documents.__set_name__(Loaders, "documents")
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    feed = await anna.connection.subscribe(DOCUMENT, id=id)
    await live(stage, id, 1, [feed])
    cursor = await anna.cursor(id)
    with monkeypatch.context() as broken:
        broken.setattr(Loaders, "documents", documents)
        await mario.do("messagePost", ticketId=id, body="uno")
        if failures == 1000:
            assert await anna.connection.closed() == 1012
        else:
            assert (await feed.until("EntryAdded"))["entry"]["number"] == 2
    again = await stage.seat("anna", anna.client)
    resumed = await again.connection.subscribe(RESUMED, id=id, **{"from": cursor})
    assert (await resumed.next())["entry"]["number"] == 2
