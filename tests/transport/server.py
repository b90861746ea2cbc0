"""A real uvicorn on a real port, in the loop of the test, and what to ask it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from structlog.testing import LogCapture
from uvicorn import Server

from app.transport.bucket import MemoryBucket
from app.transport.connections import Connections
from app.transport.endpoint import Endpoint
from app.transport.http import http_route
from app.transport.protocol import uvicorn_config
from app.transport.websocket import websocket_route
from tests.transport.toy import World


@dataclass
class Site:
    """A running server and what is behind it."""

    host: str
    world: World
    connections: Connections
    http: httpx.AsyncClient
    server: Server
    stop: Callable[[], Awaitable[None]]

    def transports(self) -> int:
        """How many connections uvicorn holds, of whatever kind."""
        return len(self.server.server_state.connections)

    async def post(self, query: str, **kwargs: Any) -> httpx.Response:
        body = {"query": query} | kwargs.pop("json", {})
        return await self.http.post("/graphql", json=body, **kwargs)


Serve = Callable[..., Awaitable[Site]]


@asynccontextmanager
async def serving(
    *endpoints: Endpoint, connections: Connections, **config: Any
) -> AsyncGenerator[tuple[str, Server, Callable[[], Awaitable[None]]]]:
    """A running server: its host, itself, and a way to stop it."""
    bucket = MemoryBucket()
    app = Starlette(
        routes=[
            route
            for each in endpoints
            for route in (
                http_route(each, bucket, connections),
                websocket_route(each, bucket, connections),
            )
        ]
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = Server(uvicorn_config(app, "127.0.0.1", 0, graceful_shutdown=5, **config))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await eventually(lambda: server.started)

        async def stop() -> None:
            server.should_exit = True
            await task

        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}", server, stop
        finally:
            await stop()


def tracebacks(logs: LogCapture) -> list[Any]:
    return [entry for entry in logs.entries if "exc_info" in entry]


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so; the time limit of the test is the only one."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.005)
