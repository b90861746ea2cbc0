"""Writes frames as fast as a process can, several at a time: what the load generator can count.

No server to be measured against: it speaks neither HTTP nor the websocket protocol, but guesses
what a client wants by the order of what it sends.
"""

import asyncio
import sys
from copy import deepcopy
from datetime import UTC, datetime
from typing import cast

import orjson
import uvloop

from bench.peers.site import EVENT

AT_ONCE = 8
"""Frames in one write."""
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
viewers: set["Firehose"] = set()
published = 0


def frame(payload: bytes) -> bytes:
    """A text frame of a server."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    return b"\x81\x7e" + length.to_bytes(2, "big") + payload


def next_event() -> bytes:
    """The frame of the next entry."""
    global published
    published += 1
    event = deepcopy(EVENT)
    event["entry"].update(number=published, createdAt=datetime.now(UTC).isoformat())
    event["ticket"].update(lastEntryNumber=published)
    body = {"id": "1", "type": "next", "payload": {"data": {"ticketEvents": event}}}
    return frame(orjson.dumps(body))


async def burst(events: int) -> None:
    """To one viewer after the other, and leave the loop time to write."""
    frames = [next_event() for _ in range(events)]
    for begin in range(0, events, AT_ONCE):
        block = b"".join(frames[begin : begin + AT_ONCE])
        for viewer in viewers:
            viewer.transport.write(block)
        await asyncio.sleep(0)


class Firehose(asyncio.Protocol):
    """A connection of any kind."""

    transport: asyncio.Transport
    steps = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self.background: set[asyncio.Task[None]] = set()

    def connection_lost(self, exc: Exception | None) -> None:
        viewers.discard(self)

    def data_received(self, data: bytes) -> None:
        if data.startswith((b"GET /viewers", b"POST /burst")):
            self._told(data)
            return
        self.steps += 1
        if self.steps == 1:
            self.transport.write(SWITCH)
        elif self.steps == 2:
            self.transport.write(frame(b'{"type":"connection_ack"}'))
        elif self.steps == 3:
            viewers.add(self)

    def _told(self, data: bytes) -> None:
        body = str(len(viewers))
        if data.startswith(b"POST"):
            events = int(data.partition(b"events=")[2].partition(b" ")[0])
            task = asyncio.create_task(burst(events))
            self.background.add(task)
            task.add_done_callback(self.background.discard)
        self.transport.write(
            f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Firehose, "127.0.0.1", int(sys.argv[1]), backlog=2048)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
