"""An SMTP server that answers with any bytes, rules or not, and keeps what it took."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class RawServer:
    """One that listens. Answers are by the first word of a command, `END` after the mail."""

    answers: dict[str, bytes]
    greeting: bytes
    port: int = 0
    said: list[bytes] = field(default_factory=list[bytes])
    """Commands, as they came."""
    taken: list[bytes] = field(default_factory=list[bytes])

    open: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def times(self, message_id: str) -> int:
        """How often a mail of this Message-ID reached it."""
        return sum(f"Message-ID: <{message_id}>".encode() in one for one in self.taken)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.open.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(self.greeting)
            while line := await reader.readline():
                self.said.append(line.rstrip(b"\r\n"))
                command = line.split()[0].decode().upper()
                if command == "QUIT":
                    break
                writer.write(self.answers.get(command, _USUAL.get(command, b"250 ok\r\n")))
                if command == "DATA":
                    self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(self.answers.get("END", b"250 ok\r\n"))
                await writer.drain()
        writer.close()


_USUAL = {"DATA": b"354 go on\r\n"}


@asynccontextmanager
async def raw_smtp(
    answers: dict[str, bytes] | None = None, greeting: bytes = b"220 mail.test\r\n"
) -> AsyncGenerator[RawServer]:
    """Listening on a port of its own, until the block ends."""
    server = RawServer(answers or {}, greeting)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for writer in server.open:
            writer.transport.abort()
        for _ in range(3):  # the transports close themselves in the rounds to come
            await asyncio.sleep(0)
