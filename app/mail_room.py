"""Mail, put together: what fetches it, imports it and sends it, in one process of possibly many."""

import asyncio
import ssl

from actions.events import Happened, TicketWritten
from actions.unit_of_work import announce_to
from app.files.media_types import HEAD, media_type
from app.files.storage import Storage
from app.settings import Settings
from mail.importer import Importer
from mail.keeper import MailKeeper
from mail.outbox import OutboxWorker
from mail.wire import tls_context


class StoredFiles:
    """Attachments, into the storage of uploads."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def put(self, key: str, content: bytes) -> None:
        """Store bytes under a key; the same again does no harm."""
        await self._storage.put_bytes(key, content)

    async def remove(self, key: str) -> None:
        """Take them away; what is not there does no harm."""
        await self._storage.delete(key)

    def media_type(self, content: bytes, name: str) -> str:
        """By the first bytes."""
        return media_type(content[:HEAD], name)


def mail_room(settings: Settings, storage: Storage) -> "MailRoom | None":
    """As the settings have it; None where this process is to leave mail alone."""
    return MailRoom(storage, idlers=settings.mail_idlers) if settings.mail == "on" else None


class MailRoom:
    """Runs in the worker."""

    def __init__(self, storage: Storage, *, idlers: int, tls: ssl.SSLContext | None = None) -> None:
        """`idlers` mailboxes are waited at, the others polled; `tls` is for tests."""
        self.outbox = OutboxWorker(context=tls)
        self.importer = Importer(StoredFiles(storage))
        context = tls_context if tls is None else lambda: tls
        self.keeper = MailKeeper(self.importer.wake, idlers=idlers, tls=context)
        self._sending: asyncio.Task[None] | None = None
        self._deafen = lambda: None

    def start(self) -> None:
        """Begin."""
        self._deafen = announce_to(self._written)
        self._sending = asyncio.create_task(self.outbox.run(), name="outbox")
        self.importer.start()
        self.keeper.start()

    async def stop(self) -> None:
        """End; what is being written completes by itself."""
        self._deafen()
        await self.keeper.stop()
        await self.importer.stop()
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait([self._sending])

    async def _written(self, event: Happened) -> None:
        """A write may have queued mail: need not wait for the next look."""
        if isinstance(event, TicketWritten):
            self.outbox.wake()
