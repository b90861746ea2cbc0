"""A client of graphql-transport-ws that speaks raw frames and hides nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PATIENCE_S = 20
"""A guard against hanging, not a measure."""


class Feed:
    """One subscription: its frames in order."""

    def __init__(self, connection: "Connection", id: str, field: str) -> None:
        self._connection = connection
        self._id = id
        self._field = field
        self.seen: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        """The next frame's value of the subscription's field."""
        message = await self._connection.message(self._id)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        frame = message["payload"]["data"][self._field]
        self.seen.append(frame)
        return frame

    async def until(self, typename: str, **fields: Any) -> dict[str, Any]:
        """Frames up to and including the first of this type with these fields."""
        while True:
            frame = await self.next()
            if frame["__typename"] == typename and fields.items() <= frame.items():
                return frame

    async def completed(self) -> None:
        """The subscription's end."""
        message = await self._connection.message(self._id)
        assert message["type"] == "complete", message

    async def quiet(self, seconds: float = 0.3) -> list[dict[str, Any]]:
        """What else comes in a while."""
        came: list[dict[str, Any]] = []
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(seconds):
                    came.append(await self.next())
        return came

    async def stop(self) -> None:
        """Complete it from this side."""
        await self._connection.send({"type": "complete", "id": self._id})


class Connection:
    """A websocket: operations side by side."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._ids = count(1)
        self._queues: dict[str, asyncio.Queue[Any]] = defaultdict(asyncio.Queue)
        self._reader = asyncio.create_task(self._read())

    async def send(self, frame: dict[str, Any]) -> None:
        """A frame as JSON."""
        await self.socket.send(orjson.dumps(frame).decode())

    async def subscribe(self, query: str, **variables: Any) -> Feed:
        """Begin a subscription; its root field is the first word after the brace."""
        id = str(next(self._ids))
        payload = {"query": query, "variables": variables}
        await self.send({"type": "subscribe", "id": id, "payload": payload})
        body = query[query.index("{") + 1 :].split(maxsplit=1)[0]
        return Feed(self, id, body.partition("(")[0])

    async def message(self, id: str) -> dict[str, Any]:
        """The next message for one operation; raises ConnectionClosed after the last."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self._queues[id].get()
        if isinstance(message, ConnectionClosed):
            self._queues[id].put_nowait(message)
            raise message
        return message

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait([self._reader])
        return self.socket.close_code or 0

    async def drop(self) -> None:
        """Cut the line without a word."""
        self.socket.transport.abort()
        await asyncio.wait([self._reader])

    async def _read(self) -> None:
        try:
            while True:
                message = orjson.loads(await self.socket.recv())
                self._queues[message["id"]].put_nowait(message)
        except ConnectionClosed as end:
            for queue in self._queues.values():
                queue.put_nowait(end)

    async def end(self) -> None:
        """Stop reading."""
        self._reader.cancel()
        await asyncio.wait([self._reader])


@asynccontextmanager
async def connected(host: str, path: str, token: str | None) -> AsyncGenerator[Connection]:
    """A websocket, acknowledged."""
    async with connect(
        f"ws://{host}{path}",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        proxy=None,
        max_queue=None,
    ) as socket:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await socket.send(orjson.dumps({"type": "connection_init", "payload": payload}).decode())
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
        connection = Connection(socket)
        try:
            yield connection
        finally:
            await connection.end()
