"""Many at once over connections of their own: one of them holds the lock."""

import asyncio
from typing import Any

from models.tickets import Ticket
from tests.live.assert_live import watching
from tests.live.stage import Person, Stage, arrived, number_of

ACQUIRE = """mutation ($id: ID!) { replyLockAcquire(input: {ticketId: $id}) {
  __typename
  ... on ReplyLockHeld { lock { token operator { name } } }
  ... on TicketLocked { lock { token operator { name } } } } }"""
CROWD = 100


async def acquired(by: Person, id: str) -> dict[str, Any]:
    """The answer to this one over the websocket."""
    return await (await by.connection.subscribe(ACQUIRE, id=id)).next()


async def test_a_hundred_connections_want_the_lock_and_one_operator_gets_it(stage: Stage) -> None:
    mario, watcher = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    names = [("anna", "bruno", "admin")[place % 3] for place in range(CROWD)]
    crowd = [await stage.person(name) for name in names]
    (looking,) = await watching(stage, id, [watcher])
    answers = await asyncio.gather(*(acquired(one, id) for one in crowd))
    row = await Ticket.get(id=number_of(id))
    held = [one["lock"] for one in answers if one["__typename"] == "ReplyLockHeld"]
    refused = [one["lock"] for one in answers if one["__typename"] == "TicketLocked"]
    assert len(held) + len(refused) == CROWD
    (holder,) = {one["operator"]["name"] for one in (*held, *refused)}
    assert len(held) == names.count(holder.lower()), "each of their sessions had it in turn"
    assert all(one["token"] is None for one in refused)
    tokens = sorted(int(one["token"]) for one in held if one["token"] is not None)
    assert tokens[-1] == row.lock_token
    assert len(set(tokens)) == len(tokens)
    await stage.settled()
    told = [one["lock"] for one in arrived(looking.feed) if "lock" in one]
    assert {one["operator"]["name"] for one in told} == {holder}
