"""`mailboxHealthChanged`: mailboxes as they are, and each time one is not what it was."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import structlog

from models.enums import Right
from models.mailboxes import Mailbox
from models.sights import sight_of
from realtime.mailbox_watch import Face, MailboxWatch, faces

log = structlog.get_logger()
RETRY_S = 0.5
PAUSE_S = 0.2
"""At most five looks a second: what changes meanwhile comes together, the newest state wins."""


@dataclass(frozen=True)
class MailboxFrame:
    """A mailbox as it is now; None when it was deleted."""

    mailbox_id: int
    mailbox: Mailbox | None


@dataclass(frozen=True)
class _Look:
    allowed: bool
    known: dict[int, Face]
    mailboxes: dict[int, Mailbox]
    version: int


@dataclass
class MailboxFeed:
    """One subscription of one operator."""

    watch: MailboxWatch
    operator_id: int
    scopes: frozenset[Right] | None = None
    """What a token may use of the operator's rights."""

    async def frames(self) -> AsyncGenerator[MailboxFrame]:
        """Every mailbox as it is; then each that changed. Ends when the right is lost."""
        listener = self.watch.join()
        told: dict[int, Face] = {}
        try:
            while True:
                look = await self._patiently()
                if not look.allowed:
                    return
                listener.known, listener.rights_version = look.known, look.version
                for id in sorted(told.keys() - look.known.keys()):
                    yield MailboxFrame(id, None)
                for id, face in look.known.items():
                    if told.get(id) != face and id in look.mailboxes:
                        yield MailboxFrame(id, look.mailboxes[id])
                told = look.known
                await listener.woken()
                await asyncio.sleep(PAUSE_S)
        finally:
            self.watch.leave(listener)

    async def _look(self) -> _Look:
        version, known = await faces()
        try:
            sight = (await sight_of(self.operator_id, version)).scoped(self.scopes)
        except LookupError:
            return _Look(False, known, {}, version)
        mailboxes = {one.id: one for one in await Mailbox.filter(id__in=list(known))}
        return _Look(sight.has(Right.SETTINGS_VIEW), known, mailboxes, version)

    async def _patiently(self) -> _Look:
        """However often it takes: a feed does not end because the database is away."""
        while True:
            try:
                return await self._look()
            except Exception:
                log.exception("mailboxes could not be loaded")
                await asyncio.sleep(RETRY_S)
