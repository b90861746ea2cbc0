"""A client of raw frames: it sends what it is told to and hides nothing."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from app.transport.frames import SUBPROTOCOL


class Wire:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, frame: object) -> None:
        """Send text or bytes as they are, anything else as JSON."""
        raw = frame if isinstance(frame, str | bytes) else orjson.dumps(frame).decode()
        await self.socket.send(raw)

    async def receive(self) -> Any:
        return orjson.loads(await self.socket.recv())

    async def init(self, payload: object = None) -> Any:
        await self.send({"type": "connection_init", "payload": payload})
        return await self.receive()

    async def subscribe(self, id: str, query: str, **more: Any) -> None:
        await self.send({"type": "subscribe", "id": id, "payload": {"query": query} | more})

    async def ask(self, id: str, query: str, **more: Any) -> list[Any]:
        """Everything that comes for one operation, up to its end."""
        await self.subscribe(id, query, **more)
        frames: list[Any] = []
        while not frames or frames[-1]["type"] not in ("complete", "error"):
            frames.append(await self.receive())
        return frames

    async def closed(self) -> tuple[int, str]:
        """The close code and reason; frames that come before are dropped."""
        try:
            while True:
                await self.socket.recv()
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")


@asynccontextmanager
async def wired(
    host: str,
    *,
    path: str = "/graphql",
    subprotocol: str | None = SUBPROTOCOL,
    origin: str | None = None,
    headers: dict[str, str] | None = None,
    max_queue: int | None = None,
) -> AsyncGenerator[Wire]:
    """A socket that has shaken hands and not yet introduced itself.

    Its queue has no limit, or frames that no test reads would keep it from closing.
    """
    async with connect(
        f"ws://{host}{path}",
        subprotocols=[Subprotocol(subprotocol)] if subprotocol else None,
        origin=Origin(origin) if origin else None,
        additional_headers=headers,
        proxy=None,
        max_queue=max_queue,
    ) as socket:
        yield Wire(socket)


@asynccontextmanager
async def introduced(
    host: str, token: str | None = "good-1", **options: Any
) -> AsyncGenerator[Wire]:
    """A socket that has been acknowledged."""
    async with wired(host, **options) as wire:
        payload = {"authorization": f"Bearer {token}"} if token else None
        assert await wire.init(payload) == {"type": "connection_ack"}
        yield wire
