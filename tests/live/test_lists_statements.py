"""A change costs as many statements for a hundred lists in view as for one."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.live.screens import COUNTERS_FEED, FEED
from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("quick_viewers")
SHARED = """
fragment T on Ticket {
  number subject turn contact { name organisation { name } } category { name } department { name }
  assignee { ... on Operator { name } } lastPost { bodyText author { ... on Contact { name } } }
}"""
OWN = "fragment T on Ticket { number unread draft { body } }"


async def alone(stage: Stage) -> None:
    """Nothing but the feeds speaks to the database."""
    await stage.live.watch.stop()
    await stage.live.keeper.stop()
    await stage.live.lists.sweep.stop()
    await stage.live.hub._check.stop()


async def cost(stage: Stage, act: Callable[[], Awaitable[Any]], feeds: list[Feed]) -> int:
    """Statements from the write until the last frame, but for those that ask who looks."""
    for feed in feeds:
        arrived(feed)
    with counted() as statements:
        await act()
        await eventually(partial(all_begun, feeds))
    await stage.settled()
    return len([one for one in statements.sent if not asks_who(one)])


def asks_who(statement: str) -> bool:
    return " JOIN session s ON " in statement or '"desk"' in statement


@pytest.mark.parametrize("kind", ["shared", "own", "counters"])
async def test_one_ten_a_hundred_lists(stage: Stage, kind: str) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    viewers: list[Person] = [await stage.person(one) for one in ("bruno", "anna")]
    id = await stage.ticket(mario)
    await alone(stage)
    query = COUNTERS_FEED if kind == "counters" else FEED + (OWN if kind == "own" else SHARED)
    feeds: list[Feed] = []
    found: list[int] = []
    for count in (2, 10, 100):
        new = [
            await viewers[place % 2].connection.subscribe(query, filter={"turn": ["OPERATOR"]})
            for place in range(len(feeds), count)
        ]
        await eventually(partial(all_begun, new))
        feeds += new
        await stage.settled()
        await anna.do("ticketReply", ticketId=id, body="x")
        await stage.settled()
        message = partial(mario.do, "messagePost", ticketId=id, body="x")
        found.append(await cost(stage, message, feeds))
    assert len(set(found)) == 1, found


def all_begun(feeds: list[Feed]) -> bool:
    return all(map(begun, feeds))


async def test_many_searches_are_one_statement(stage: Stage) -> None:
    """And many operators' unread lists: conditions that only SQL decides are decided together."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    await stage.ticket(mario)
    await alone(stage)
    costs: list[int] = []
    feeds: list[Feed] = []
    for count in (1, 10, 40):
        new = [
            await anna.connection.subscribe(
                FEED + OWN, filter={"search": f"perm{'esso'[: n % 5]}", "hasAttachments": False,
                "createdAt": {"to": f"2999-01-01T00:00:{n:02}Z"}}
            )
            for n in range(len(feeds), count)
        ]  # fmt: skip
        await eventually(partial(all_begun, new))
        feeds += new
        await stage.settled()
        costs.append(await cost(stage, partial(stage.ticket, mario), feeds))
    assert costs[0] == costs[1] == costs[2]
