"""A client that keeps a feed whatever happens, as the reference client of graphql-ws does.

`after` moves on with every frame; it comes back after the codes that client comes back after, gives
up after the others, and looks for another address each time.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from tests.faults.screen import Screen
from tests.support.site import Client

FATAL = frozenset({1002, 1003, 1007, 1008, 1009, 1010, 1011, 1015}) | frozenset(
    {4400, 4401, 4004, 4005, 4406, 4409, 4429, 4500}
)
"""Of graphql-ws: `isFatalInternalCloseCode` and `shouldRetry`'s default."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
HANDSHAKE_S = 60
"""A guard against hanging."""
NARROW_BUFFER, NARROW_SEGMENT = 4096, 536
"""With these the kernel holds some 50 KiB for who reads nothing, not megabytes."""
Hosts = Callable[[], Sequence[str]]


class GivenUp(Exception):
    """What no client comes back from."""


class Resuming:
    """One socket at a time, with one feed."""

    def __init__(self, client: Client, id: str, screen: Screen, hosts: Hosts, dice: Random) -> None:
        """`screen` is what the client shows at first, this client's own from here on."""
        self.screen = screen
        self.codes: list[int] = []
        """How its sockets ended; 1006 for a line that was cut."""
        self.frames: list[dict[str, Any]] = []
        self.snapshots = 0
        self.ended = False
        """Completed by the server: the ticket is no longer theirs to see."""
        self.reading = asyncio.Event()
        self.reading.set()
        """Cleared, it takes nothing from its socket."""
        self.narrow = False
        """Whether the kernel is to hold as little as possible for it."""
        self.cuts: Callable[[str], bool] = lambda _boundary: False
        """Whether to cut the line here: opened, introduced, acknowledged, subscribed, a frame."""
        self.connects = 0
        self._client, self._id, self._hosts, self._dice = client, id, hosts, dice
        self._socket: ClientConnection | None = None
        self._snapshot_here = False
        self._held = asyncio.Event()
        self._held.set()
        self.task = asyncio.create_task(self._live())

    @property
    def who(self) -> str:
        """For messages."""
        return f"{self._client.token} (sockets ended with {self.codes})"

    @property
    def client(self) -> Client:
        """Whose it is."""
        return self._client

    @property
    def live(self) -> bool:
        """Whether it has a socket, and a snapshot from it."""
        return self._socket is not None and self._snapshot_here

    def drop(self) -> None:
        """Cut the line without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    def hold(self) -> None:
        """Do not come back until released."""
        self._held.clear()

    def release(self) -> None:
        """Come back."""
        self._held.set()

    async def stop(self) -> None:
        """Go, for good; raises what went wrong."""
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def _live(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self.ended:
            await self._held.wait()
            self._snapshot_here = False
            try:
                await self._connected(self._dice.choice(list(self._hosts())))
            except ConnectionClosed as end:
                self._closed(end)
                if self._snapshot_here:
                    pause_s = FIRST_PAUSE_S
            except (OSError, TimeoutError, WebSocketException):
                self.codes.append(1006)  # nobody there, or not yet
            finally:
                self._socket = None
            await asyncio.sleep(pause_s * (0.5 + self._dice.random()))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _closed(self, end: ConnectionClosed) -> None:
        code = end.rcvd.code if end.rcvd else 1006
        self.codes.append(code)
        if code in FATAL:
            raise GivenUp(f"{self.who}: {end}") from None

    async def _connected(self, host: str) -> None:
        async with connect(
            f"ws://{host}{self._client.path}",
            sock=await _narrow(host) if self.narrow else None,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
            compression=None,
            max_queue=1 if self.narrow else None,
            open_timeout=HANDSHAKE_S,
            ping_interval=None,
            close_timeout=1,
        ) as socket:
            self._boundary(socket, "opened")
            credentials = {"authorization": f"Bearer {self._client.token}"}
            await self._send(socket, type="connection_init", payload=credentials)
            self._boundary(socket, "introduced")
            async with asyncio.timeout(HANDSHAKE_S):
                assert orjson.loads(await socket.recv()) == {"type": "connection_ack"}
            self._boundary(socket, "acknowledged")
            self._socket = socket
            self.connects += 1
            variables = {"id": self._id, "after": self.screen.cursor}
            payload = {"query": self.screen.view.feed, "variables": variables}
            await self._send(socket, type="subscribe", id="1", payload=payload)
            self._boundary(socket, "subscribed")
            while not self.ended:
                await self.reading.wait()
                self._take(orjson.loads(await socket.recv()))
                self._boundary(socket, "frame")

    def _boundary(self, socket: ClientConnection, name: str) -> None:
        if self.cuts(name):
            socket.transport.abort()

    async def _send(self, socket: ClientConnection, **frame: Any) -> None:
        await socket.send(orjson.dumps(frame).decode())

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "complete":
            self.ended = True
            return
        if message["type"] != "next" or "errors" in message["payload"]:
            raise GivenUp(f"{self.who}: {message}")
        frame = message["payload"]["data"]["ticketEvents"]
        self.screen.apply(frame)
        self.frames.append(frame)
        if frame["__typename"] == "TicketSnapshot":
            self.snapshots += 1
            self._snapshot_here = True


async def _narrow(host: str) -> socket.socket:
    opened = socket.socket()
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BUFFER)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, NARROW_SEGMENT)
    name, _, port = host.partition(":")
    await asyncio.get_running_loop().sock_connect(opened, (name, int(port)))
    return opened
