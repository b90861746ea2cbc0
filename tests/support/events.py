"""A client of Server-Sent Events that reads the lines themselves."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

PATIENCE_S = 20
"""A guard against hanging, not a measure."""


@dataclass(frozen=True)
class Event:
    """One event as it came."""

    name: str
    id: str | None
    data: Any


class Events:
    """A response that goes on."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event, past comments; None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                name, _, value = line.partition(":")
                if line and name:
                    fields[name] = value.removeprefix(" ")
                elif "event" in fields:
                    data = orjson.loads(fields["data"]) if fields["data"] else None
                    return Event(fields["event"], fields.get("id"), data)
        return None

    async def until(self, typename: str, field: str = "ticketEvents") -> Event:
        """Events up to and including the first of this type."""
        while (event := await self.next()) is not None:
            if event.data and event.data["data"][field]["__typename"] == typename:
                return event
        raise AssertionError(f"the stream ended without {typename}")


@asynccontextmanager
async def streamed(
    http: httpx.AsyncClient,
    path: str,
    query: str,
    token: str | None = None,
    last_event_id: str | None = None,
    **variables: Any,
) -> AsyncGenerator[Events]:
    """POST an operation and read its events."""
    headers = {"Accept": "text/event-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    body = {"query": query, "variables": variables}
    async with http.stream("POST", path, json=body, headers=headers, timeout=None) as response:
        yield Events(response)
