"""What both servers in Python share: the event, the two addresses the bench asks, uvicorn."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

EVENT: dict[str, Any] = orjson.loads((Path(__file__).parent / "event.json").read_bytes())
Publish = Callable[[int, str], Awaitable[None]]
"""Takes the number of the entry and the time of now."""


def routes(viewers: Callable[[], int], publish: Publish) -> list[BaseRoute]:
    """GET /viewers, and POST /burst?events=n, which answers at once and then publishes."""
    published = 0

    async def burst(events: int) -> None:
        nonlocal published
        for _ in range(events):
            published += 1
            await publish(published, datetime.now(UTC).isoformat())

    async def on_viewers(_request: Request) -> Response:
        return PlainTextResponse(str(viewers()))

    async def on_burst(request: Request) -> Response:
        events = int(request.query_params["events"])
        return PlainTextResponse("begun", background=BackgroundTask(burst, events))

    return [Route("/viewers", on_viewers), Route("/burst", on_burst, methods=["POST"])]


def serve(app: ASGIApp) -> None:
    """As uvicorn does by itself, with the loop and the protocol that Sportello has."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        backlog=2048,
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
