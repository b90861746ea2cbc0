"""A line between a client and a server that can be cut."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class Relay:
    """Passes bytes on, both ways, until it is cut."""

    def __init__(self, host: str) -> None:
        self._to, self._port = host.split(":")
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.connected = 0
        """Times that somebody has come."""

    def cut(self) -> None:
        """Drop everybody, without a word."""
        for one in self._lines:
            one.transport.abort()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, as far as the server."""
        self.connected += 1
        there, onwards = await asyncio.open_connection(self._to, int(self._port))
        ends = {writer, onwards}
        self._lines |= ends
        with suppress(OSError):
            await asyncio.gather(_pass(reader, onwards), _pass(there, writer))
        for one in ends:
            one.transport.abort()
        self._lines -= ends


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def relayed(host: str) -> AsyncGenerator[tuple[Relay, str]]:
    """A relay to a host, and its own address."""
    relay = Relay(host)
    server = await asyncio.start_server(relay.take, "127.0.0.1", 0)
    try:
        yield relay, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        relay.cut()
        server.close()
