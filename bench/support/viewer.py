"""One socket that watches: it counts frames, and reads only those it must."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import orjson

from bench.support import frames

STALLED_BUFFER, STALLED_SEGMENT = 4096, 536
"""With these the kernel holds some 50 KiB for who reads nothing, not megabytes."""


class Audience(Protocol):
    """Who a viewer tells of what it gets."""

    buffer: bytearray
    """What the kernel's bytes go into: one for all, each is done with it when called."""
    counted_from: int
    """Frames of so many bytes or more are deliveries; shorter ones are the protocol's."""

    def counted(self, viewer: "Viewer") -> None:
        """A delivery has come in full."""

    def lost(self, viewer: "Viewer") -> None:
        """The connection has ended, and not by us."""


@dataclass(frozen=True)
class Part:
    """What a viewer is to do."""

    token: str | None
    """Its credential."""
    keeps: bool = False
    """Whether it reads, and keeps, what it gets in full."""
    ask: dict[str, Any] | None = None
    """What it subscribes to once it is acknowledged; None to be told later."""
    live_when: str = ""
    """The typename of the frame with which it is live; the first one if empty."""


class Viewer(asyncio.BufferedProtocol):
    """Connects, introduces itself, subscribes."""

    def __init__(self, audience: Audience, request: bytes, part: Part) -> None:
        loop = asyncio.get_running_loop()
        self.acknowledged: asyncio.Future[None] = loop.create_future()
        self.live: asyncio.Future[None] = loop.create_future()
        self.kept: list[dict[str, Any]] = []
        self.deliveries = 0
        self.code: int | None = None
        """With which it was closed."""
        self._audience = audience
        self._request = request
        self._part = part
        self._shaken = False
        self._ours_to_end = False
        self._rest = b""
        self._skip = 0

    # --- what it is told

    def subscribe(self, payload: dict[str, Any]) -> None:
        """Watch."""
        self._transport.write(frames.message(id="1", type="subscribe", payload=payload))

    def stall(self) -> None:
        """Read nothing from here on."""
        self._transport.pause_reading()

    def end(self) -> None:
        """Hang up, without a word."""
        self._ours_to_end = True
        self._transport.abort()

    # --- what comes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        for one in (self.acknowledged, self.live):
            if not one.done():
                one.set_exception(ConnectionError(f"closed with {self.code}: {exc}"))
                one.exception()
        if not self._ours_to_end:
            self._audience.lost(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._audience.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Frames begin and end where they like; counting one takes no copy."""
        data: bytes | bytearray = self._audience.buffer
        if self._rest:
            data = self._rest + data[:nbytes]
            nbytes = len(data)
            self._rest = b""
        if self._shaken:
            self._parse(data, nbytes, 0)
            return
        end = data.find(b"\r\n\r\n", 0, nbytes)
        if end < 0:
            self._rest = bytes(data[:nbytes])
        elif not data.startswith(b"HTTP/1.1 101"):
            self.end()
        else:
            self._shaken = True
            self._transport.write(frames.init(self._part.token))
            self._parse(data, nbytes, end + 4)

    def _parse(self, data: bytes | bytearray, size: int, at: int) -> None:
        at = self._skipped(size, at)
        while place := frames.bounds(data, at, size):
            begin, end = place
            counts = end - begin >= self._audience.counted_from
            if self._part.keeps or not counts:
                if end > size:
                    break
                self._hear(data[at] & 15, bytes(data[begin:end]))
            at = end
            if counts and end <= size:
                self._count()
        self._rest = bytes(data[at:size])
        self._skip = max(0, at - size)

    def _skipped(self, size: int, at: int) -> int:
        """Where the next frame begins: what is left of a delivery is not looked at."""
        if not self._skip:
            return at
        if self._skip <= size:
            self._count()
        return self._skip

    def _count(self) -> None:
        self.deliveries += 1
        self._audience.counted(self)

    def _hear(self, opcode: int, payload: bytes) -> None:
        if opcode == frames.PING:
            self._transport.write(frames.frame(payload, frames.PONG))
        elif opcode == frames.CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
        elif opcode == frames.TEXT:
            self._message(orjson.loads(payload))

    def _message(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_ack":
                self.acknowledged.set_result(None)
                if self._part.ask:
                    self.subscribe(self._part.ask)
            case "next":
                self._next(message["payload"])
            case "ping":
                self._transport.write(frames.message(type="pong"))
            case "error" | "complete":
                self._refused(message)
            case _:
                pass

    def _next(self, payload: dict[str, Any]) -> None:
        if payload.get("errors"):
            self._refused(payload)
            return
        data: dict[str, Any] = payload["data"] or {}
        nothing: dict[str, Any] = {}
        event: dict[str, Any] = next(iter(data.values()), nothing)
        if self._part.keeps:
            self.kept.append(event)
        if not self.live.done() and self._part.live_when in ("", event.get("__typename")):
            self.live.set_result(None)

    def _refused(self, message: dict[str, Any]) -> None:
        if not self.live.done():
            self.live.set_exception(ConnectionError(f"no feed: {message}"))
        self._transport.abort()


async def connected(make: Callable[[], Viewer], port: int, *, stalled: bool) -> Viewer:
    """Open the socket; who is to stall gets small buffers, for the server to notice soon."""
    opened = socket.socket()
    opened.setblocking(False)
    if stalled:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BUFFER)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, STALLED_SEGMENT)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(opened, ("127.0.0.1", port))
    _, viewer = await loop.create_connection(make, sock=opened)
    return viewer
