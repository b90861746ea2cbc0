"""Subscribed, completed, cut off, at any moment, ten thousand times: nothing is left behind."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from app.database import POOL
from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log
from tests.faults.screen import CONTACT, OWN_VIEW, SHARED
from tests.faults.writer import Writer
from tests.support.site import CLIENT, Client

AT_ONCE = 25
ASKED = "query ($id: ID!) { ticket(id: $id) { number timeline(first: 20) { totalCount } } }"
NOTED = """
mutation ($id: ID!) {
  ticketAddNote(input: {ticketId: $id, body: "<p>x</p>"}) { __typename }
}"""
LOCKED = """
mutation ($id: ID!) {
  replyLockAcquire(input: {ticketId: $id}) { __typename }
}"""
GAUGES = ("connections{", "feeds{", "audiences", "frames_waiting")


class Visit:
    """One connection, which ends wherever chance has it end."""

    def __init__(self, client: Client, id: str, chance: Random) -> None:
        self._client, self._id, self._chance = client, id, chance

    async def run(self) -> None:
        """Come, do this and that, and go without a word, or with one."""
        task = asyncio.create_task(self._visit())
        if self._chance.random() < 0.5:
            await asyncio.wait([task], timeout=self._chance.random() / 5)
            task.cancel()
        await asyncio.wait([task])

    async def _visit(self) -> None:
        with suppress(WebSocketException, OSError):
            async with connect(
                f"ws://{self._client.host}{self._client.path}",
                subprotocols=[Subprotocol("graphql-transport-ws")],
                proxy=None,
                compression=None,
                close_timeout=1,
            ) as socket:
                try:
                    await self._talk(socket)
                finally:
                    if self._chance.random() < 0.7:
                        socket.transport.abort()

    async def _talk(self, socket: ClientConnection) -> None:
        credentials = {"authorization": f"Bearer {self._client.token}"}
        await self._send(socket, type="connection_init", payload=credentials)
        if self._chance.random() < 0.9:
            await socket.recv()  # the acknowledgement
        for number in range(self._chance.randrange(1, 5)):
            await self._subscribe(socket, str(number))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._chance.random() / 5):
                    for _ in range(self._chance.randrange(3)):
                        await socket.recv()
            if self._chance.random() < 0.5:
                await self._send(socket, type="complete", id=str(number))

    async def _subscribe(self, socket: ClientConnection, number: str) -> None:
        documents = [SHARED.feed, OWN_VIEW.feed, ASKED, NOTED, LOCKED]
        if self._client.path == CLIENT:
            documents = [CONTACT.feed]
        payload = {"query": self._chance.choice(documents), "variables": {"id": self._id}}
        await self._send(socket, type="subscribe", id=number, payload=payload)

    async def _send(self, socket: ClientConnection, **frame: Any) -> None:
        await socket.send(orjson.dumps(frame).decode())


async def test_nothing_is_left(found: Found) -> None:
    """Tasks, descriptors, feeds, audiences, connections, and the lock of the database."""
    desk = await found(2)
    ids = [await desk.ticket() for _ in range(5)]
    tasks = [(await server.until(_idle))["tasks"] for server in desk.servers]
    # What grows once and stays, such as pools, has grown then.
    await _cycles(desk, ids, 100, dice("warm"))
    descriptors = [server.descriptors for server in desk.servers]
    await _cycles(desk, ids, sized(10_000, 1000), dice("cycles"))
    for server, had in zip(desk.servers, tasks, strict=True):
        await server.until(lambda now, had=had: _idle(now) and now["tasks"] <= had)
    for server, had in zip(desk.servers, descriptors, strict=True):
        assert server.descriptors <= had + POOL
    clients = await desk.watch(ids[0], [*STAFF[:3], "mario"])
    await all_live(clients)
    await Writer(desk.person("mario"), ids[0], dice("at last")).posts(3)
    await assert_log(desk.seat, ids[0], clients)


def _idle(numbers: dict[str, float]) -> bool:
    """Whether nobody is there, as far as it is counted."""
    return not any(n for name, n in numbers.items() if name.startswith(GAUGES))


async def _cycles(desk: Installation, ids: list[str], count: int, chance: Random) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with room:
            name = chance.choice([*STAFF[:30], "mario"])
            client = desk.person(name, chance.randrange(len(desk.servers)))
            await Visit(client, chance.choice(ids), Random(chance.random())).run()  # noqa: S311

    await asyncio.gather(*(one() for _ in range(count)))
