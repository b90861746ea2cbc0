"""The websocket protocol class for uvicorn, and the configuration that goes with it."""

import asyncio
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from app.transport.limits import MIB
from app.transport.socket import ABORT_EXTENSION, WRITE_EXTENSION

# 1009 is fatal to clients: a body of the largest size must fit, with its envelope.
MAX_MESSAGE = MIB + 64 * 1024
PING_SECONDS = 20.0
SHUTDOWN_SECONDS = 10
# The lengths from which a frame says its own in 2 and in 8 more bytes.
SHORT, MEDIUM = 126, 1 << 16


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which lets go of clients that have stopped reading.

    `transport.close()` waits for a buffer that such a client never drains; wherever uvicorn
    closes, `transport.abort()` follows.
    """

    _burial: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Offer the abort to the application, and abort what is left soon after its end."""
        extensions: dict[str, Any] = dict(self.scope.get("extensions") or {})
        extensions[ABORT_EXTENSION] = {"abort": self.transport.abort}
        extensions[WRITE_EXTENSION] = {"write": self.write_text}
        self.scope["extensions"] = extensions
        try:
            await super().run_asgi()
        finally:
            if not self.disconnected:
                self._burial = self.loop.call_later(self.close_timeout, self.transport.abort)

    def write_text(self, frame: bytes) -> bool:
        """Write a text frame (RFC 6455, 5.2: final, unmasked, no extension) past all queues.

        False when the socket is not open, or its buffer is above the high-water mark.
        """
        if (
            not self.writable.is_set()
            or not self.handshake_complete
            or self.close_sent
            or self.transport.is_closing()
            or self.conn.state is not State.OPEN
        ):
            return False
        size = len(frame)
        if size < SHORT:
            head = bytes((0x81, size))
        elif size < MEDIUM:
            head = b"\x81\x7e" + size.to_bytes(2, "big")
        else:
            head = b"\x81\x7f" + size.to_bytes(8, "big")
        self.transport.write(head + frame)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._burial:
            self._burial.cancel()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """Refuse text that is not UTF-8 without the traceback uvicorn logs for it."""
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.fail(1007, "Text frames must be UTF-8")
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()


class HTTPProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which offers the application the abort: event streams may stall too."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {ABORT_EXTENSION: {"abort": self.transport.abort}}


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def uvicorn_config(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    ping_interval: float = PING_SECONDS,
    ping_timeout: float = PING_SECONDS,
    graceful_shutdown: int = SHUTDOWN_SECONDS,
    trusted_proxies: str = "",
) -> Config:
    """How Sportello is served; logging is structlog's business.

    `trusted_proxies` are addresses or networks, separated by commas, whose X-Forwarded-For names
    the client: by it sign-in attempts and anonymous costs are counted.

    Without per-message deflate a connection takes 51 instead of 93 KiB.
    """
    return Config(
        app,
        host=host,
        port=port,
        http=HTTPProtocol,
        ws=WebSocketProtocol,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=ping_interval,
        ws_ping_timeout=ping_timeout,
        timeout_graceful_shutdown=graceful_shutdown,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies or None,
    )
