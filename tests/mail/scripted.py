"""A mail server that says what it is told to, to fail at one stage."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

Script = Sequence[tuple[str, str]]
"""What a line begins with, upper case and without its tag, and what is said to it."""


@asynccontextmanager
async def scripted(
    greeting: str,
    script: Script = (),
    *,
    tls: ssl.SSLContext | None = None,
    tagged: bool = True,
    host: str = "127.0.0.1",
) -> AsyncGenerator[int]:
    """Its port. `{tag}` in an answer is that of the command; what is not foreseen is silence."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            await _say(writer, greeting)
            while line := (await reader.readline()).decode().strip():
                tag, _, rest = line.partition(" ") if tagged else ("", "", line)
                said = next((s for start, s in script if rest.upper().startswith(start)), "")
                if said == "(hang up)":
                    break
                await _say(writer, said.replace("{tag}", tag))
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    if text:
        writer.write(text.replace("\n", "\r\n").encode() + b"\r\n")
        await writer.drain()
