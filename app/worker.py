"""What is done behind the requests' backs: throwing away what has expired."""

import asyncio
from datetime import timedelta

import structlog

from actions import idempotency, mail_health, notifications, sessions
from actions.unit_of_work import unit_of_work
from app.files.expire import remove_expired
from app.files.storage import Storage
from app.mail_room import MailRoom
from models.records import IdempotencyKey
from models.sessions import Session, SignInAttempt
from models.sql import clock

log = structlog.get_logger()
EVERY_S = 60.0
SESSIONS_KEPT = timedelta(days=30)
"""Ended sessions stay this long, for whoever asks who was signed in."""


class Worker:
    """Runs inside `serve` in the embedded default, else as a process of its own."""

    def __init__(self, storage: Storage, mail: MailRoom | None) -> None:
        """`mail` is None in a process that is to leave it alone."""
        self._storage = storage
        self.mail = mail
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self.run(), name="worker")
        if self.mail is not None:
            self.mail.start()

    async def stop(self) -> None:
        """End; work under way is in units that complete by themselves."""
        if self._task is not None:
            if self.mail is not None:
                await self.mail.stop()
            self._task.cancel()
            await asyncio.wait([self._task])

    async def run(self) -> None:
        """Once a minute, for ever; a failure is logged and tried again."""
        while True:
            try:
                await self.once()
            except Exception:
                log.exception("worker failed")
            await asyncio.sleep(EVERY_S)

    async def once(self) -> None:
        """One round."""
        removed = await remove_expired(self._storage)
        if removed:
            log.info("uploads expired", count=removed)
        await unit_of_work(_forget)
        await mail_health.overdue()


async def _forget() -> None:
    now = await clock()
    await IdempotencyKey.filter(created_at__lt=now - idempotency.KEPT).delete()
    await SignInAttempt.filter(at__lt=now - sessions.ATTEMPTS_WITHIN).delete()
    await Session.filter(expires_at__lt=now - SESSIONS_KEPT).delete()
    await notifications.forget()
