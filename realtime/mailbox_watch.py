"""Who in this process waits to hear of mailboxes: woken by hints, and by what a check finds."""

import asyncio
from collections.abc import Callable

from models.sql import Statement, rows
from realtime.checking import Checking

Face = tuple[object, ...]
"""All that is shown of one mailbox, for comparing."""
SERVER = """direction, host, port, security, auth, username, folder, delete_after_import, paused,
    state, error, retry_at, failures, last_success_at, last_mail_at, backlog"""
FOLDER = "name, reimport_since, reimport_total, reimport_done"
DEPARTMENT = "id, name, email, CAST(aliases AS TEXT) AS aliases"
UNSEEN = frozenset({"oauth_access_token", "oauth_lease_until"})
"""Columns that move and are not shown."""
QUOTA = "day, sent, reserve_sent"


class Listener:
    """One feed's place: woken from the moment of joining; it reads by itself what there is."""

    def __init__(self) -> None:
        self.known: dict[int, Face] | None = None
        """What it has read, by mailbox id; None before the first time."""
        self.rights_version: int | None = None
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something may have happened: read."""
        self._news.set()

    async def woken(self) -> None:
        """Return when something may have happened since the last time."""
        await self._news.wait()
        self._news.clear()


class MailboxWatch:
    """All feeds of mailboxes of this process."""

    def __init__(self, healthy: Callable[[], bool]) -> None:
        """`healthy()`: may hints be relied on? If not, positions are checked more often."""
        self._listeners: set[Listener] = set()
        self._check = Checking("mailboxes check", self._check_once, healthy)

    def start(self) -> None:
        """Begin to check positions."""
        self._check.start()

    async def stop(self) -> None:
        """Check no more."""
        await self._check.stop()

    def join(self) -> Listener:
        """Listen to all mailboxes."""
        listener = Listener()
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self._listeners.discard(listener)

    def hint(self, message: dict[str, int | str]) -> None:
        """What the broker brings: of mailboxes, and of rights."""
        if "mailbox" in message or "rights" in message:
            self.wake_all()

    def wake_all(self) -> None:
        """Anything may have happened."""
        for listener in self._listeners:
            listener.wake()

    async def _check_once(self) -> None:
        """What feeds know is compared with what there is; a desk has few mailboxes."""
        if not self._listeners:
            return
        version, now = await faces()
        for one in self._listeners:
            if one.known is not None and (one.known, one.rights_version) != (now, version):
                one.wake()


async def faces() -> tuple[int, dict[int, Face]]:
    """The version of rights, then what is shown of every mailbox, by id."""
    version = (await rows("SELECT rights_version FROM desk WHERE id = 1", Statement()))[0]
    found: dict[int, list[object]] = {}
    for row in await rows("SELECT * FROM mailbox ORDER BY id", Statement()):
        found[row["id"]] = [value for name, value in row.items() if name not in UNSEEN]
    for table in (
        f"SELECT mailbox_id, {SERVER} FROM mail_server ORDER BY id",
        f"SELECT mailbox_id, {FOLDER} FROM mail_folder ORDER BY id",
        f"SELECT incoming_mailbox_id AS mailbox_id, {DEPARTMENT} FROM department ORDER BY id",
        f"SELECT outgoing_mailbox_id AS mailbox_id, {DEPARTMENT} FROM department ORDER BY id",
        f"SELECT mailbox_id, {QUOTA} FROM mail_quota ORDER BY id DESC LIMIT 1000",
    ):
        for row in await rows(table, Statement()):
            found.get(row["mailbox_id"], []).append(tuple(row.values()))
    return version["rights_version"], {id: tuple(parts) for id, parts in found.items()}
