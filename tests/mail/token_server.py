"""A provider's token endpoint, over sockets; its answers are like Google's and Microsoft's."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

GOOGLE = {
    "access_token": "ya29.access-{n}", "expires_in": 3599, "token_type": "Bearer",
    "scope": "https://mail.google.com/",
}  # fmt: skip
GOOGLE_FIRST = {**GOOGLE, "refresh_token": "1//refresh-{n}"}
"""To consent alone; a refresh brings no other refresh token."""
GOOGLE_DEAD = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
MICROSOFT = {
    "token_type": "Bearer", "expires_in": 4021, "ext_expires_in": 4021,
    "scope": "https://outlook.office.com/IMAP.AccessAsUser.All",
    "access_token": "eyJ0.access-{n}", "refresh_token": "0.AX-refresh-{n}",
}  # fmt: skip
"""Each refresh brings another refresh token."""
MICROSOFT_DEAD = {
    "error": "invalid_grant", "error_codes": [70008], "suberror": "bad_token",
    "error_description": "AADSTS70008: The refresh token has expired due to inactivity.\r\n"
    "Trace ID: 9a5d\r\nCorrelation ID: 77c1",
}  # fmt: skip


@dataclass
class TokenServer:
    """What it will answer, and what it was asked."""

    port: int = 0
    status: int = 200
    answer: Any = field(default_factory=lambda: dict(GOOGLE))
    """What is said as JSON, `{n}` being the number of the request; bytes go as they are."""
    delay_s: float = 0.0
    endless: bool = False
    """It begins an answer, and goes on with a byte now and then."""
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    hosts: list[str] = field(default_factory=list[str])
    answering: set[Any] = field(default_factory=set[Any])

    @property
    def url(self) -> str:
        """Of the endpoint."""
        return f"http://127.0.0.1:{self.port}/token"

    def refuse(self, answer: dict[str, Any], status: int = 400) -> None:
        """From now on."""
        self.answer, self.status = answer, status

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, to whoever waits for the answer."""
        task = asyncio.current_task()
        self.answering.add(task)
        try:
            with contextlib.suppress(OSError):
                await self._answered(reader, writer)
        finally:
            self.answering.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.hosts.append(headers["host"])
        self.asked.append({name: given[0] for name, given in parse_qs(body.decode()).items()})
        await asyncio.sleep(self.delay_s)
        if self.endless:
            await _drip(writer)
        content = self.answer if isinstance(self.answer, bytes) else self._json()
        writer.write(
            b"HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (self.status, len(content), content)
        )
        await writer.drain()

    def _json(self) -> bytes:
        return json.dumps(self.answer).replace("{n}", str(len(self.asked))).encode()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def token_server(host: str = "127.0.0.1") -> AsyncGenerator[TokenServer]:
    """One on a free port."""
    told = TokenServer()
    server = await asyncio.start_server(told.serve, host, 0)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        await server.wait_closed()
        for task in tuple(told.answering):
            task.cancel()
        await asyncio.gather(*told.answering, return_exceptions=True)
