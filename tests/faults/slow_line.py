"""A line between a client and a server that lets little through, until it is widened."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from tests.faults.resuming import NARROW_BUFFER, NARROW_SEGMENT

PIECE_S = 0.1
PIECE = 4096


class SlowLine:
    """A proxy: from the server to the client so many bytes a second, or as they come."""

    def __init__(self, host: str, bytes_per_s: int) -> None:
        self.bytes_per_s: int | None = bytes_per_s
        self.host = ""
        self._to = host
        self._tasks: set[asyncio.Task[None]] = set()

    def widen(self) -> None:
        """No limit from now on."""
        self.bytes_per_s = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        there = socket.socket()
        there.setblocking(False)
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BUFFER)
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, NARROW_SEGMENT)
        name, _, port = self._to.partition(":")
        try:
            await asyncio.get_running_loop().sock_connect(there, (name, int(port)))
            back, forth = await asyncio.open_connection(sock=there, limit=PIECE)
        except OSError:
            writer.close()
            return
        ways = [
            asyncio.create_task(self._pass(reader, forth)),
            asyncio.create_task(self._trickle(back, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (forth, writer):
                end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(PIECE):
                writer.write(data)
                await writer.drain()

    async def _trickle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                rate = self.bytes_per_s
                data = await reader.read(PIECE if rate is None else max(1, int(rate * PIECE_S)))
                if not data:
                    return
                writer.write(data)
                await writer.drain()
                if rate is not None:
                    await asyncio.sleep(PIECE_S)


@asynccontextmanager
async def slow_line(host: str, bytes_per_s: int) -> AsyncGenerator[SlowLine]:
    """In front of a server; `host` of what is yielded is where clients go."""
    line = SlowLine(host, bytes_per_s)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        server.close()
