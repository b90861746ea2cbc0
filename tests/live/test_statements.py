"""An event costs the same number of statements however many look on, and none for each of them."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from realtime.hub import Hub
from resolvers import batches
from resolvers.loaders import Loaders
from resolvers.sharing import Batched
from tests.live.assert_live import Act
from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed
from tests.support.statements import counted

SHAREABLE = """
subscription ($id: ID!) {
  ticketEvents(ticketId: $id) {
    __typename
    ... on TicketSnapshot { cursor }
    ... on EntryAdded { ticket { ...T } entry { ...E } cursor }
    ... on EntryChanged { entry { ...E } cursor }
    ... on TicketChanged { ticket { ...T } }
    ... on ReplyLockChanged { lock { expiresAt operator { name } } }
    ... on ViewersChanged { viewers { state operator { name } } }
  }
}
fragment T on Ticket {
  number subject turn contact { name organisation { name } } category { name } department { name }
  assignee { ... on Operator { name } } lastPost { bodyText author { ... on Contact { name } } }
}
fragment E on TimelineEntry {
  number author { __typename ... on Operator { name } ... on Contact { name } }
  ... on Post { bodyText attachments { name size } }
}"""


async def alone(stage: Stage) -> None:
    """Nothing but the feeds speaks to the database."""
    await stage.live.watch.stop()
    await stage.live.keeper.stop()
    await stage.live.hub._check.stop()


async def cost(stage: Stage, act: Any, viewers: list[Any]) -> int:
    """Statements from the write until the last frame, and every viewer got one."""
    for feed in viewers:
        arrived(feed)
    with counted() as statements:
        await act()
        await stage.settled()
    assert all(arrived(feed) for feed in viewers)
    return len(statements)


Acts = Callable[[Stage, Person, Person, str], Awaitable[dict[str, Act]]]


async def costs(stage: Stage, acts: Acts) -> list[dict[str, int]]:
    """What each act costs with 1, 10 and 100 viewers."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    assert await anna.fresh(id), "what she may see is known from here on"
    await alone(stage)
    found: list[dict[str, int]] = []
    feeds: list[Feed] = []
    for count in (1, 10, 100):
        person = await stage.person("bruno")
        new = [
            await person.connection.subscribe(SHAREABLE, id=id) for _ in range(len(feeds), count)
        ]
        await eventually(partial(all_begun, new))
        feeds += new
        todo = await acts(stage, mario, anna, id)
        await stage.settled()
        found.append({name: await cost(stage, act, feeds) for name, act in todo.items()})
    return found


def all_begun(feeds: list[Feed]) -> bool:
    return all(map(begun, feeds))


async def entries(stage: Stage, mario: Person, anna: Person, id: str) -> dict[str, Act]:
    file = await stage.site.upload(anna.client, "a.txt", b"x")
    return {
        "message": lambda: mario.do("messagePost", ticketId=id, body="x"),
        "reply": lambda: anna.do("ticketReply", ticketId=id, body="x", uploadIds=[file]),
        "tags": lambda: anna.do("ticketUpdate", ticketId=id, addTags=[file]),
    }


async def states(_stage: Stage, _mario: Person, anna: Person, id: str) -> dict[str, Act]:
    return {
        "lock": lambda: anna.do("replyLockAcquire", ticketId=id),
        "leave": lambda: anna.do("ticketLeave", ticketId=id),
    }


@pytest.mark.usefixtures("quick_viewers")
@pytest.mark.parametrize(
    "acts",
    [
        entries,
        states,
    ],
)
async def test_one_ten_a_hundred_viewers(stage: Stage, acts: Acts) -> None:
    one, ten, hundred = await costs(stage, acts)
    assert one == ten == hundred


async def test_who_leaves_at_work_takes_nobody_along(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loaded for all must not be cancelled by one who does not wait for it."""
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    load = batches.documents
    begun_loading, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(ids: list[int]) -> Any:
        begun_loading.set()
        await go_on.wait()
        return await load(ids)

    slow = Batched(slowly)
    slow.__set_name__(Loaders, "documents")
    monkeypatch.setattr(Loaders, "documents", slow)
    feeds = [await one.connection.subscribe(SHAREABLE, id=id) for one in (anna, anna, bruno)]
    for feed in feeds:
        await feed.next()
    await mario.do("messagePost", ticketId=id, body="x")
    await begun_loading.wait()
    await feeds[0].stop()
    await eventually(lambda: _listeners(stage.live.hub) == 2)
    go_on.set()
    for feed in feeds[1:]:
        assert (await feed.until("EntryAdded"))["entry"]["number"] == 2


def _listeners(hub: Hub) -> int:
    return sum(len(topic.listeners) for topic in hub._topics.values())
