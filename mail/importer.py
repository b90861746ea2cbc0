"""Imports what was kept, as long as it runs: mailbox by mailbox, each in its order."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from itertools import zip_longest
from uuid import uuid4

import structlog

from mail import turns
from mail.importing import Files, Read, finish, read_mail
from mail.too_large import tell_senders_of_large
from models.mail_enums import InboundState
from models.mails import InboundMail
from models.sql import clock

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
AT_ONCE = 50
"""Mails of one turn."""
Reading = asyncio.Task[Read | InboundState]


@dataclass
class Importer:
    """Any number of processes may have one: a mailbox is one importer's at a time."""

    files: Files

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._owner = uuid4().hex

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mail importer")

    async def stop(self) -> None:
        """End; a unit under way completes by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    async def _run(self) -> None:
        while True:
            try:
                while await self.once():
                    pass
            except Exception:
                log.exception("mail importer failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            self._news.clear()

    async def once(self) -> int:
        """A turn at one mailbox, and the notices that wait; how many mails were taken."""
        mailbox_id = await turns.take(self._owner)
        taken = 0
        if mailbox_id is not None:
            try:
                taken = await self._turn(mailbox_id)
            finally:
                await turns.give(mailbox_id, self._owner)
        await tell_senders_of_large()
        return taken

    async def _turn(self, mailbox_id: int) -> int:
        """Import what waits, in the order it came.

        While one is written the next is parsed, in its process.
        """
        waiting = await _waiting(mailbox_id)
        reading: Reading | None = None
        renewed, taken = time.monotonic(), 0
        try:
            for id, following in zip_longest(waiting, waiting[1:]):
                if time.monotonic() - renewed > turns.RENEWED_AFTER_S:
                    if not await turns.keep(mailbox_id, self._owner):
                        break
                    renewed = time.monotonic()
                ready = reading or self._begun(id)
                await asyncio.wait([ready])
                reading = self._begun(following) if following is not None else None
                await finish(id, ready, self.files)
                taken += 1
        finally:
            if reading is not None:
                reading.cancel()
        return taken

    def _begun(self, id: int) -> Reading:
        return asyncio.create_task(read_mail(id, self.files), name="mail being read")


async def _waiting(mailbox_id: int) -> list[int]:
    of_it = InboundMail.filter(mailbox_id=mailbox_id).exclude(raw_sha256="")
    new = of_it.filter(state=InboundState.RECEIVED).order_by("id").limit(AT_ONCE)
    again = of_it.filter(state=InboundState.FAILED, next_try__lte=await clock()).limit(AT_ONCE)
    return [one.id for query in (new, again) for one in await query.only("id")]
