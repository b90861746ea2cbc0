"""Two `sportello serve` of one desk: operators at one see those at the other, while they live."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from models.desk import Desk
from realtime.reachable import why_unreachable
from tests.app.program import KEY, Program, Running, free_port, within
from tests.conftest import missing
from tests.support import databases
from tests.support.example_b import PASSWORD
from tests.support.live import Connection, Feed
from tests.support.site import CLIENT, DESK, SIGN_IN, Client, category

REDIS = "redis://127.0.0.1:6379"
HANG_S = 90
VIEWERS = "viewers { state operator { name } }"
FEED = f"""
subscription ($id: ID!) {{
  ticketEvents(ticketId: $id) {{
    __typename
    ... on TicketSnapshot {{ {VIEWERS} ticket {{ {VIEWERS} }} lock {{ operator {{ name }} }} }}
    ... on ViewersChanged {{ {VIEWERS} }}
    ... on ReplyLockChanged {{ lock {{ operator {{ name }} }} }}
  }}
}}"""
ONE = f"query ($id: ID!) {{ ticket(id: $id) {{ {VIEWERS} }} }}"
LIST = f"{{ tickets(first: 100) {{ edges {{ node {{ id {VIEWERS} }} }} }} }}"
OPENED = "... on TicketOpened { ticket { id } }"
HELD = "... on ReplyLockHeld { lock { token } }"
Viewers = list[tuple[str, str]]


@dataclass
class Server:
    """One of the processes."""

    running: Running
    http: httpx.AsyncClient
    host: str

    async def client(self, name: str, path: str = DESK) -> Client:
        anonymous = Client(self.http, self.host, path, None)
        data = await anonymous.run(SIGN_IN, email=f"{name}@demo.test", password=PASSWORD)
        return Client(self.http, self.host, path, data["signIn"]["token"])

    def seat(self, client: Client) -> Client:
        """The same session, here."""
        return Client(self.http, self.host, client.path, client.token)


@dataclass
class Screen:
    """A feed, and what it has said last."""

    connection: Connection
    feed: Feed
    viewers: Viewers
    holder: str | None

    @classmethod
    async def open(cls, client: Client, id: str, stack: AsyncExitStack) -> "Screen":
        connection = await stack.enter_async_context(client.live())
        feed = await connection.subscribe(FEED, id=id)
        screen = cls(connection, feed, [], None)
        screen.take(await feed.next())
        return screen

    def take(self, frame: dict[str, Any]) -> None:
        if "viewers" in frame:
            self.viewers = named(frame["viewers"])
        if "lock" in frame:
            self.holder = frame["lock"]["operator"]["name"] if frame["lock"] else None
        if "ticket" in frame:
            assert named(frame["ticket"]["viewers"]) == self.viewers

    async def until(self, true: Callable[["Screen"], bool]) -> None:
        async with asyncio.timeout(HANG_S):
            while not true(self):
                message = await self.connection._queues[self.feed._id].get()
                self.take(message["payload"]["data"]["ticketEvents"])


def named(viewers: list[dict[str, Any]]) -> Viewers:
    return [(one["operator"]["name"], one["state"]) for one in viewers]


async def both_ways(client: Client, id: str) -> Viewers:
    """As the ticket says, and a list with it."""
    edges = (await client.run(LIST))["tickets"]["edges"]
    listed = {edge["node"]["id"]: named(edge["node"]["viewers"]) for edge in edges}
    assert named((await client.run(ONE, id=id))["ticket"]["viewers"]) == listed[id]
    return listed[id]


@pytest.fixture
async def servers(program: Program, postgres_example: str) -> AsyncGenerator[list[Server]]:
    if why := await why_unreachable(REDIS):
        missing(f"no Redis at {REDIS}: {why}")
    name = databases.fresh_name()
    await databases.postgres(f"CREATE DATABASE {name} TEMPLATE {postgres_example}")
    url = databases.postgres_url(name)

    async def shorten() -> None:
        await Desk.filter(id=1).update(lock_grace_s=2, lock_lease_s=9)

    within(url, shorten)
    shared = program.set(
        database_url=url, redis_url=REDIS, redis_prefix=f"test-{uuid4().hex}", secret_key=KEY
    )
    try:
        async with AsyncExitStack() as stack:
            started: list[Server] = []
            for number in (1, 2):
                port = free_port()
                folder = program.folder / str(number)
                folder.mkdir()
                one = Program(folder, program.bytecode, shared.settings).set(port=port)
                running = stack.enter_context(one.started("serve"))
                running.says("Sportello is running.")
                host = f"127.0.0.1:{port}"
                http = httpx.AsyncClient(base_url=f"http://{host}", timeout=60, trust_env=False)
                started.append(Server(running, await stack.enter_async_context(http), host))
            yield started
    finally:
        await databases.postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.timeout(300)  # Leases are as long as they are.
async def test_they_see_each_other_until_one_is_killed(servers: list[Server]) -> None:
    one, two = servers
    mario, anna, bruno = (
        await one.client("mario", CLIENT),
        await one.client("anna"),
        await two.client("bruno"),
    )
    place = await category(mario, "Rinnovo permesso")
    opened = await mario.do(
        "ticketOpen", OPENED, subject="Permesso", body="<p>aiuto</p>", categoryId=place
    )
    id = opened["ticket"]["id"]
    async with AsyncExitStack() as stack:
        hers = await Screen.open(anna, id, stack)
        assert await both_ways(bruno, id) == [("Anna", "VIEWING")], "without a feed there"
        his = await Screen.open(bruno, id, stack)
        both = [("Anna", "VIEWING"), ("Bruno", "VIEWING")]
        assert his.viewers == both, "the first frame knows already"
        await hers.until(lambda it: it.viewers == both)
        assert await both_ways(anna, id) == await both_ways(bruno, id) == both
        # Said at the other process than where the feed is.
        await two.seat(anna).do("presenceSet", ticketId=id, state="IDLE")
        for screen in (hers, his):
            await screen.until(lambda it: it.viewers == [("Anna", "IDLE"), ("Bruno", "VIEWING")])

        # The holder comes back within the grace, to the other process: the lock stays.
        await anna.do("replyLockAcquire", HELD, ticketId=id)
        await his.until(lambda it: it.holder == "Anna")
        await hers.connection.drop()
        again = await Screen.open(two.seat(anna), id, stack)
        assert again.holder == "Anna"
        await asyncio.sleep(4)
        await his.until(lambda it: it.viewers == [("Bruno", "VIEWING"), ("Anna", "REPLYING")])
        assert (await both_ways(bruno, id))[-1] == ("Anna", "REPLYING")
        assert his.holder == "Anna"
        # And goes a grace after the last feed of all.
        await again.connection.drop()
        await his.until(lambda it: it.holder is None and it.viewers == [("Bruno", "VIEWING")])

        # The process of a holder is killed: the lock goes with the lease, and they with theirs.
        hers = await Screen.open(anna, id, stack)
        await anna.do("replyLockAcquire", HELD, ticketId=id)
        await his.until(lambda it: it.viewers == [("Bruno", "VIEWING"), ("Anna", "REPLYING")])
        one.running.stop(signal.SIGKILL)
        await his.until(lambda it: it.holder is None and it.viewers == [("Bruno", "VIEWING")])
    for word in ("Traceback", "warning"):
        assert word not in two.running.err
