"""A connection that speaks in lines, to try a server with: nothing of it is kept or logged."""

import asyncio
import contextlib
import ssl

from mail.hosts import connected_to


class Line:
    """One connection; whoever opens it must `close` it."""

    def __init__(self, host: str) -> None:
        """`host` is the name that a certificate must have."""
        self.host = host
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self, addresses: list[str], port: int) -> None:
        """Connect, in plain text. Raises OSError."""
        self._streams = await connected_to(addresses, port)

    async def encrypt(self) -> str:
        """Speak TLS from here on; the version, in words. Raises ssl.SSLError."""
        await self._writer.start_tls(ssl.create_default_context(), server_hostname=self.host)
        version: object = self._writer.get_extra_info("ssl_object").version()
        return str(version)

    async def send(self, text: bytes) -> None:
        """A line, or several."""
        self._writer.write(text + b"\r\n")
        await self._writer.drain()

    async def read(self) -> bytes:
        """The next line, without its end. Raises ConnectionResetError when there is none."""
        try:
            line = await self._reader.readline()
        except ValueError:
            raise ConnectionAbortedError("The server sends no lines.") from None
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError("The server hung up.")
        return line.rstrip(b"\r\n")

    async def exactly(self, size: int) -> bytes:
        """So many bytes: an IMAP literal."""
        return await self._reader.readexactly(size)

    async def close(self) -> None:
        """Hang up."""
        if self._streams is None:
            return
        self._writer.close()
        with contextlib.suppress(OSError):
            async with asyncio.timeout(1):
                await self._writer.wait_closed()

    @property
    def _reader(self) -> asyncio.StreamReader:
        return self._opened()[0]

    @property
    def _writer(self) -> asyncio.StreamWriter:
        return self._opened()[1]

    def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            raise ConnectionError("The connection is not open.")
        return self._streams
