"""On SQLite: a locked file beside the database; the system unlocks it when the process ends."""

import asyncio
import fcntl
import os
from pathlib import Path


class FileHold:
    """`flock` on `<database>.lock`; the file stays, for to remove it would race with others."""

    def __init__(self, database: Path) -> None:
        # One file for one database, by whatever link or relative path it was named.
        found = database.resolve()
        self._path = found.with_name(f"{found.name}.lock")
        self._file: int | None = None

    async def take(self, *, shared: bool) -> bool:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    async def alive(self) -> bool:
        return self._file is not None

    async def lost(self, timeout_s: float) -> None:
        await asyncio.sleep(timeout_s)

    async def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
