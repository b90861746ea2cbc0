"""Frames and bytes nobody should send: the right code, no traceback, and nobody else notices."""

import asyncio
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF, token_of
from tests.faults.oracle import all_live, assert_log
from tests.faults.screen import OWN_VIEW
from tests.faults.writer import Writer
from tests.transport.test_websocket import MALFORMED
from tests.transport.wire import introduced, wired

TOKEN = token_of(STAFF[20])
FEED = "subscription { ticketEvents(ticketId: %s) { __typename } }"
TEXT, CONTINUED, BINARY, CLOSE, PING = 0x1, 0x0, 0x2, 0x8, 0x9
FINAL = 0x80
HOSTILE: list[tuple[list[Any], int]] = [
    ([{"type": "subscribe", "id": "1", "payload": {"query": FEED % '"x"'}}] * 2, 4409),
    ([{"type": "connection_init"}], 4429),
    (['{"type": "ping", "type": "nonsense"}'], 4400),
    (['{"type":"subscribe","id":"\\ud800","payload":{"query":"{__typename}"}}'], 4400),
    ([b"\x00" * 1000], 4400),
    (['{"type": "ping", "payload": ' + '{"a":' * 5000 + "1" + "}" * 5001], 4400),
    ([{"type": "ping", "payload": {"x": "y" * 1_200_000}}], 1009),
]
"""What a socket that was acknowledged sends, and the code it is closed with."""
REFUSED = [
    "",
    "{",
    "{" * 10_000,
    "query { " + "a " * 5000 + "}",
    "{ viewer { ...F } } fragment F on Viewer { ...F }",
    "subscription { ticketEvents(ticketId: null) { __typename } }",
    "subscription A { __typename } subscription B { __typename }",
    "subscription { a: ticketEvents(ticketId: 1) { __typename } b: __typename }",
    "mutation { nothing }",
    '{ node(id: "\\u0000") { id } } { node }',
    "\ufeff\x00",
]
"""Documents: answered with an error, and the socket goes on."""
HANDSHAKE = (
    "GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(opcode: int, payload: bytes, *, length: int | None = None, masked: bool = True) -> bytes:
    """A frame as the wire has it; `length` may lie."""
    size = len(payload) if length is None else length
    mask = 0x80 if masked else 0
    if size < 126:
        head = bytes((opcode, mask | size))
    elif size < 1 << 16:
        head = bytes((opcode, mask | 126)) + struct.pack(">H", size)
    else:
        head = bytes((opcode, mask | 127)) + struct.pack(">Q", size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


BROKEN: list[bytes] = [
    frame(FINAL | TEXT, b"{}", masked=False),
    frame(FINAL | 0x3, b"{}"),
    frame(FINAL | 0xB, b"{}"),
    frame(FINAL | 0x70 | TEXT, b"{}"),
    frame(FINAL | CONTINUED, b"{}"),
    frame(TEXT, b"{") + frame(FINAL | TEXT, b"}"),
    frame(TEXT, b"{") * 50,
    frame(FINAL | TEXT, b"\xff\xfe"),
    frame(TEXT, b"\xf0\x9f") + frame(FINAL | CONTINUED, b"\x98"),
    frame(FINAL | PING, b"x" * 200),
    frame(PING, b"x"),
    frame(FINAL | CLOSE, b"\x03"),
    frame(FINAL | CLOSE, b"\x00\x00"),
    frame(FINAL | CLOSE, struct.pack(">H", 1005)),
    frame(FINAL | CLOSE, struct.pack(">H", 1000) + b"\xff"),
    frame(FINAL | TEXT, b"{}", length=2**63 - 1),
    frame(FINAL | TEXT, b"{}", length=2**64 - 1),
    frame(FINAL | BINARY, b"{}", length=2**40),
    frame(FINAL | TEXT, b"{}", length=500),
    b"\x81",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\r\n" * 500,
    frame(FINAL | PING, b"x" * 100) * 5000,
    frame(FINAL | TEXT, b'{"type":"ping"}') * 5000,
    frame(FINAL | TEXT, b'{"type":"connection_init"}') * 2,
]
"""After the handshake, raw."""
BEFORE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    HANDSHAKE.format(host="x").replace("Version: 13", "Version: 7").encode(),
    HANDSHAKE.format(host="x").replace("dGhlIHNhbXBsZSBub25jZQ==", "short").encode(),
    HANDSHAKE.format(host="x").encode()[:60],
    b"GET /graphql HTTP/1.1\r\n" + b"X: y\r\n" * 5000,
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
    b"\x00" * 10_000,
]
"""Instead of a handshake."""


async def test_nobody_else_notices(found: Found) -> None:
    desk = await found(2)
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[:4], "mario", "anna"])
    clients += await desk.watch(id, ["bruno"], OWN_VIEW)
    await all_live(clients)
    writer, host = Writer(desk.person("mario"), id, dice("mario")), desk.servers[0].host
    writing = asyncio.create_task(writer.posts(sized(400, 40), 0.2))
    await _closed_with_their_codes(host)
    await _refused(host)
    await _raw(host, [HANDSHAKE.format(host=host).encode() + one for one in BROKEN])
    await _raw(host, BEFORE)
    chance = dice("noise")
    noise = [chance.randbytes(chance.randrange(1, 2000)) for _ in range(sized(1000, 60))]
    await _raw(host, [HANDSHAKE.format(host=host).encode() + one for one in noise])
    await _raw(host, noise)
    await writing
    await assert_log(desk.seat, id, clients, 1 + len(writer.written))
    assert not any(one.codes for one in clients)
    await desk.servers[0].until(lambda now: now[SOCKETS] <= len(clients))


SOCKETS = 'connections{endpoint="desk",transport="websocket"}'


async def _closed_with_their_codes(host: str) -> None:
    for sent, reason in MALFORMED:
        async with introduced(host, TOKEN) as wire:
            await wire.send(sent)
            assert await wire.closed() == (4400, reason), sent
    for messages, code in HOSTILE:
        async with introduced(host, TOKEN) as wire:
            for message in messages:
                await wire.send(message)
            assert (await wire.closed())[0] == code, messages


async def _refused(host: str) -> None:
    """Said to be wrong, one after another, on one socket."""
    async with introduced(host, TOKEN) as wire:
        for number, query in enumerate(REFUSED):
            last = (await wire.ask(str(number), query))[-1]
            assert last["type"] == "error", query
        await wire.send({"type": "ping"})
        assert await wire.receive() == {"type": "pong"}
        for number in range(150):
            await wire.subscribe(f"many {number}", FEED % '"x"')
    async with wired(host) as wire:
        await wire.subscribe("1", "{ __typename }")
        assert (await wire.closed())[0] == 4401


async def _raw(host: str, sent: Sequence[bytes]) -> None:
    """Each on a line of its own, which is cut after a while, if the server does not do it."""
    name, _, port = host.partition(":")

    async def one(data: bytes) -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        with suppress(OSError, TimeoutError):
            writer.write(data)
            async with asyncio.timeout(1):
                await reader.read()
        writer.transport.abort()

    await asyncio.gather(*map(one, sent))
