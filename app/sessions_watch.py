"""Ends live connections whose session has ended, within a second of it."""

import asyncio

import structlog

from app.transport.close_codes import CloseCode
from app.transport.connections import Connections
from resolvers.accounts import ended

log = structlog.get_logger()
EVERY_S = 1.0


class SessionsWatch:
    """Looks at the sessions of open connections, all in one statement, every second."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="sessions watch")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def hint(self, message: dict[str, int | str]) -> None:
        """A session that ended, as the broker says."""
        session_id = message.get("session")
        if isinstance(session_id, int):
            self._close(session_id)

    def _close(self, session_id: int) -> None:
        self._connections.close_session(session_id, CloseCode.REVOKED)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                live = frozenset(self._connections.sessions())
                for session_id in await ended(live) if live else ():
                    self._close(session_id)
            except Exception:
                log.exception("sessions watch failed")
