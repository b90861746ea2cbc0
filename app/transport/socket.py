"""One websocket, as ASGI messages; that the client is gone is an answer, not an accident."""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Receive, Scope, Send

# The protocol class puts `transport.abort` here: a client that stops reading never lets a
# close frame through, and ASGI knows no other way to be rid of it.
ABORT_EXTENSION = "sportello.abort"
# And here a function that writes a text frame at once, if the client takes it: ASGI knows only
# how to wait.
WRITE_EXTENSION = "sportello.write"
# RFC 6455: a control frame carries 125 bytes, two of which are the code.
LONGEST_REASON = 123
CLOSE_TIMEOUT = 1.0


class Gone(Exception):
    """The client is not there any more."""


def _nothing() -> None:
    """Where the server offers no abort."""


def _never(_frame: bytes) -> bool:
    """Where the server offers no way past ASGI."""
    return False


class Socket:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        extensions = scope.get("extensions", {})
        self._abort: Callable[[], None] = extensions.get(ABORT_EXTENSION, {}).get("abort", _nothing)
        self.write: Callable[[bytes], bool] = extensions.get(WRITE_EXTENSION, {}).get(
            "write", _never
        )
        """Write a text frame at once; False when it must be sent in its turn."""

    async def reject(self) -> None:
        """Refuse the handshake: the client sees HTTP 403."""
        await self._receive()
        await self._post({"type": "websocket.close"})

    async def accept(self, subprotocol: str | None, request_id: str) -> None:
        """Complete the handshake; raises `Gone`."""
        await self._receive()
        headers = [(b"x-request-id", request_id.encode())]
        await self._post(
            {"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers}
        )

    async def receive(self) -> str | bytes:
        """The next frame; raises `Gone`."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Gone
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def send(self, frame: bytes) -> None:
        """Send a text frame, as soon as the client has taken most of what came before."""
        await self._post({"type": "websocket.send", "text": frame.decode()})

    async def close(self, code: int, reason: str) -> None:
        """Say why and close; a client that does not listen is cut off."""
        reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._post({"type": "websocket.close", "code": int(code), "reason": reason})
        except TimeoutError:
            self._abort()
        except Gone:
            pass

    async def _post(self, message: Message) -> None:
        try:
            await self._send(message)
        except (OSError, RuntimeError) as error:  # uvicorn: the peer, or we, closed already
            raise Gone from error
