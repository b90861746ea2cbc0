"""The live sockets of this process, so that they can be ended."""

from typing import Protocol

from app.transport.close_codes import CloseCode
from app.transport.endpoint import Caller


class LiveSocket(Protocol):
    """A socket as its registry sees it."""

    @property
    def caller(self) -> Caller | None: ...

    def close(self, code: CloseCode) -> None:
        """End the connection soon; returns at once and may be called twice."""
        ...


class Connections:
    """Every socket of both endpoints, from handshake to end."""

    def __init__(self) -> None:
        self._sockets: set[LiveSocket] = set()

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: LiveSocket) -> None:
        self._sockets.add(socket)

    def discard(self, socket: LiveSocket) -> None:
        self._sockets.discard(socket)

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
