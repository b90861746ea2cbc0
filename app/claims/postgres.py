"""On PostgreSQL: an advisory lock of a session of its own, which ends with the process."""

import asyncio
import importlib
from typing import Any

from models.sql import connection

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

KIND = 0x53504F52
"""Tells our advisory locks from those of others in the same database."""
DESK = 1
"""The id of the one desk of a database."""
PATIENCE_S = 5.0
OF_POOLS = frozenset({"max_queries", "max_inactive_connection_lifetime", "setup", "init"})
"""Options of an address that only a pool understands."""


class PostgresHold:
    """A connection outside the pool, which resets what it takes back and would unlock.

    Behind a pooler this one must be a session of the server's: transaction pooling keeps none.
    """

    def __init__(self) -> None:
        self._connection: Any = None
        self._gone = asyncio.Event()

    async def take(self, *, shared: bool) -> bool:
        await self.release()
        try:
            opened = await _connected()
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ConnectionError(str(error)) from error
        lock = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        taken = False
        try:
            taken = await opened.fetchval(f"SELECT {lock}($1, $2)", KIND, DESK, timeout=PATIENCE_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ConnectionError(str(error)) from error
        finally:
            if not taken:
                await _closed(opened)
        if taken:
            self._gone.clear()
            opened.add_termination_listener(self._note_gone)
            self._connection = opened
        return taken

    async def alive(self) -> bool:
        if self._connection is None or self._connection.is_closed():
            return False
        try:
            await self._connection.fetchval("SELECT 1", timeout=PATIENCE_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        return True

    async def lost(self, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._gone.wait()
        except TimeoutError:
            return

    async def release(self) -> None:
        opened, self._connection = self._connection, None
        if opened is not None:
            await _closed(opened)

    def _note_gone(self, _connection: object) -> None:
        self._gone.set()


async def _connected() -> Any:
    """A connection to where the pool connects to."""
    client = connection()
    options = {name: value for name, value in client.extra.items() if name not in OF_POOLS}
    return await asyncpg.connect(
        host=client.host,
        port=client.port,
        user=client.user,
        password=client.password,
        database=client.database,
        server_settings={**client.server_settings, "application_name": "sportello claim"},
        **{"timeout": PATIENCE_S, **options},
    )


async def _closed(opened: Any) -> None:
    """A session that is cut off is unlocked as well as one that says goodbye."""
    try:
        await opened.close(timeout=PATIENCE_S)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        opened.terminate()
