"""The live connections of this process, so that they can be ended and counted."""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from app.transport.close_codes import CloseCode
from app.transport.endpoint import Caller

GONE = "gone"
"""How a connection ended whose client went by itself."""


@dataclass(frozen=True)
class Kind:
    """What kind of connection it is."""

    endpoint: str
    transport: str
    """`websocket` or `sse`."""


class LiveSocket(Protocol):
    """A socket as its registry sees it."""

    @property
    def caller(self) -> Caller | None: ...

    @property
    def waiting(self) -> int:
        """Frames that are not sent yet."""
        ...

    def close(self, code: CloseCode) -> None:
        """End the connection soon; returns at once and may be called twice."""
        ...


class Connections:
    """Every socket of both endpoints, from handshake to end."""

    def __init__(self) -> None:
        self._sockets: dict[LiveSocket, Kind] = {}
        self.opened: Counter[Kind] = Counter()
        """Connections since the start."""
        self.closed: Counter[tuple[Kind, str]] = Counter()
        """Their ends, by close code, or `GONE`; handshakes refused with a code included."""

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: LiveSocket, kind: Kind) -> None:
        self._sockets[socket] = kind
        self.opened[kind] += 1

    def discard(self, socket: LiveSocket, code: CloseCode | None) -> None:
        """It has ended: by us, with a code, or by the client."""
        kind = self._sockets.pop(socket, None)
        if kind is not None:
            self.note_closed(kind, code)

    def note_closed(self, kind: Kind, code: CloseCode | None) -> None:
        """Count an end, perhaps of what never became a connection."""
        self.closed[kind, GONE if code is None else str(int(code))] += 1

    def open(self) -> Counter[Kind]:
        """How many there are now of each kind that there has been."""
        found = Counter(dict.fromkeys(self.opened, 0))
        found.update(self._sockets.values())
        return found

    def waiting(self) -> int:
        """Frames that are not sent yet, of all sockets together."""
        return sum(socket.waiting for socket in self._sockets)

    def sessions(self) -> set[int]:
        """The sessions that are connected now."""
        callers = (socket.caller for socket in self._sockets)
        return {caller.session_id for caller in callers if caller and caller.session_id is not None}

    def close_session(self, session_id: int, code: CloseCode = CloseCode.REVOKED) -> None:
        """End the sockets of one session."""
        for socket in list(self._sockets):
            if socket.caller and socket.caller.session_id == session_id:
                socket.close(code)

    def close_all(self, code: CloseCode = CloseCode.RESTART) -> None:
        """End every socket."""
        for socket in list(self._sockets):
            socket.close(code)
