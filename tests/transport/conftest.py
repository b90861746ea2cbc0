"""Fixtures of the transport: a server to start, a server that runs, what was logged."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import LogCapture

from app.transport.connections import Connections
from app.transport.limits import Limits
from tests.transport.server import Serve, Site, serving
from tests.transport.toy import World, endpoint


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server with the toy schema; settings are those of its endpoint."""
    async with AsyncExitStack() as stack:

        async def start(
            limits: Limits | None = None, config: dict[str, Any] | None = None, **settings: Any
        ) -> Site:
            world, connections = World(), Connections()
            toy = endpoint(world, limits, **settings)
            host, server, stop = await stack.enter_async_context(
                serving(toy, connections=connections, **(config or {}))
            )
            client = httpx.AsyncClient(base_url=f"http://{host}", trust_env=False)
            await stack.enter_async_context(client)
            return Site(host, world, connections, client, server, stop)

        yield start


@pytest.fixture
async def site(serve: Serve) -> Site:
    return await serve()


@pytest.fixture(autouse=True)
def logs() -> Iterator[LogCapture]:
    """What was logged; a test that expects no bug says so with `tracebacks`."""
    capture = LogCapture()
    structlog.configure(processors=[merge_contextvars, capture])
    yield capture
    structlog.reset_defaults()
