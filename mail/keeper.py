"""Keeps every mailbox read: the busiest wait in IDLE, the others are polled, one owner for each."""

import asyncio
import contextlib
import random
import ssl
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog

from actions import mail_health
from actions.keys import KeyLost
from mail import leases
from mail.connecting import NotAdmitted, connected
from mail.credentials import Reauthorise
from mail.imap import Imap
from mail.inbound import Place, look
from mail.losses import Passed
from mail.parsing.charsets import clean
from mail.sweep import sweep
from mail.wire import Gone, Lost, MailServerError, Refused, tls_context
from models.mail_enums import MailboxState, MailDirection
from models.mailboxes import Mailbox, MailServer
from models.sql import clock

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
"""How soon a change of the mailboxes is noticed."""
POLL_EVERY_S = 60.0
IDLE_S = 90.0
"""Then it looks by itself: not every server tells of everything (RFC 2177 allows 29 minutes)."""
BACK_OFF_S = (2.0, 30.0, 60.0, 300.0, 900.0, 1800.0)
"""After so many failures in a row."""
SWEEP_AGAIN_S = 3600.0
"""After a server refused to delete."""
ENDED = frozenset({MailboxState.BLOCKED, MailboxState.REAUTHORISE})


@dataclass
class Watched:
    """One server, as far as this process is concerned."""

    signature: tuple[object, ...]
    task: "asyncio.Task[None] | None" = None
    due_at: float = 0.0
    """By the monotonic clock."""
    failures: int = 0
    ended: bool = False
    """Nothing is tried until what it signs in with changes."""
    stays: bool = False
    """It is among the busiest: its session waits for what comes."""
    sweep_at: float = 0.0
    """When to delete next, by the monotonic clock."""
    unswept: str = ""
    """Why nothing is deleted, in the server's words."""


class MailKeeper:
    """Runs in the worker; any number of workers may."""

    def __init__(
        self,
        arrived: Callable[[], None],
        *,
        idlers: int = 50,
        pollers: int = 20,
        poll_every_s: float = POLL_EVERY_S,
        tls: Callable[[], ssl.SSLContext] = tls_context,
    ) -> None:
        """`arrived` is called for every mail that is kept; `tls` makes contexts (for tests)."""
        self.owner = uuid4().hex
        self._arrived = arrived
        self._idlers = idlers
        self._turns = asyncio.Semaphore(pollers)
        self._poll_every_s = poll_every_s
        self._tls = tls
        self._watched: dict[int, Watched] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mail keeper")

    async def stop(self) -> None:
        """End every session, and give the leases back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._end(list(self._watched))

    async def _run(self) -> None:
        while True:
            try:
                await self._look_around()
            except Exception:
                log.exception("mail keeper failed")
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look_around(self) -> None:
        """Begin and end sessions by what the rows say now."""
        servers = await MailServer.filter(direction=MailDirection.IN, paused=False)
        wanted = {one.id: one for one in servers}
        for id, watched in list(self._watched.items()):
            server = wanted.get(id)
            if server is None or _signature(server) != watched.signature:
                await self._end([id])
        busiest = sorted(servers, key=lambda one: (one.last_mail_at is None, _late(one)))
        idle = {one.id for one in busiest[: self._idlers]}
        for server in servers:
            watched = self._watched.setdefault(server.id, Watched(_signature(server)))
            watched.stays = server.id in idle
            if watched.task is None and not watched.ended and watched.due_at <= time.monotonic():
                session = self._session(server, watched)
                watched.task = asyncio.create_task(session, name=f"mailbox {server.mailbox_id}")

    async def _end(self, ids: list[int]) -> None:
        ending = [self._watched.pop(id) for id in ids]
        tasks = [one.task for one in ending if one.task is not None]
        for one in tasks:
            one.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _session(self, server: MailServer, watched: Watched) -> None:
        """One turn at a server: until it fails as long as it stays, else one look."""
        turn = contextlib.nullcontext() if watched.stays else self._turns
        try:
            async with turn:
                if await leases.take(server.id, self.owner):
                    await self._owned(server, watched)
        except Exception as error:
            log.exception("mailbox failed", mailbox=server.mailbox_id)
            with contextlib.suppress(Exception):
                await _failed(server, watched, _fault(error))
        finally:
            wait = _back_off(watched.failures) if watched.failures else self._poll_every_s
            watched.due_at = time.monotonic() + wait
            watched.task = None
            with contextlib.suppress(Exception):
                await leases.leave(server.id, self.owner)

    async def _owned(self, server: MailServer, watched: Watched) -> None:
        mailbox = await Mailbox.get(id=server.mailbox_id)
        place = Place(mailbox, server, self.owner)
        try:
            async with self._holding(server.id), connected(place, self._tls()) as client:
                await self._read(client, place, watched)
        except leases.LeaseLost:
            log.info("mailbox lease lost", mailbox=mailbox.id)
        except (Reauthorise, KeyLost, NotAdmitted) as error:
            watched.ended = True
            state = (
                MailboxState.REAUTHORISE if isinstance(error, Reauthorise) else MailboxState.BLOCKED
            )
            await mail_health.report(server.id, state, str(error))
            server.state = state
            watched.signature = _signature(server)
        except Passed as error:
            log.warning("mail left behind", mailbox=mailbox.id, why=str(error))
            watched.failures = 1
        except (MailServerError, OSError) as error:  # OSError: no such host, no token server
            await _failed(server, watched, str(error))

    async def _read(self, client: Imap, place: Place, watched: Watched) -> None:
        while True:
            looked = await look(client, place, self._arrived)
            if place.server.delete_after_import and watched.sweep_at <= time.monotonic():
                await _swept(client, place, watched)
            watched.failures = 0
            await mail_health.report(
                place.server.id,
                MailboxState.OK,
                watched.unswept,
                backlog=0,
                mail_at=await clock() if looked.kept else None,
            )
            if not watched.stays:
                await client.leave()
                return
            if not client.can_idle:
                await asyncio.sleep(self._poll_every_s)
                continue
            opened = await client.open(place.server.folder)
            if opened.uidnext <= looked.uidnext:  # else something came while we looked
                await client.idle(min(IDLE_S, self._poll_every_s))

    @asynccontextmanager
    async def _holding(self, server_id: int) -> AsyncGenerator[None]:
        """Renew the lease while the block runs; when it is another's, the block is ended."""
        block = asyncio.current_task()
        lost = False

        async def renew() -> None:
            nonlocal lost
            while True:
                await asyncio.sleep(leases.RENEW_EVERY_S)
                try:
                    kept = await leases.take(server_id, self.owner)
                except Exception:
                    log.exception("mailbox lease not renewed")
                    continue
                if not kept and block is not None:
                    lost = True
                    block.cancel()
                    return

        renewing = asyncio.create_task(renew())
        try:
            yield
        except asyncio.CancelledError:
            if lost and block is not None:
                block.uncancel()
                raise leases.LeaseLost from None
            raise
        finally:
            renewing.cancel()


async def _failed(server: MailServer, watched: Watched, why: str) -> None:
    watched.failures += 1
    log.info("mailbox unreachable", mailbox=server.mailbox_id, failures=watched.failures)
    if watched.failures > 1:  # once it may just have hung up on us
        retry_at = await clock() + timedelta(seconds=_back_off(watched.failures))
        state = MailboxState.UNREACHABLE
        await mail_health.report(server.id, state, clean(why), retry_at=retry_at)


def _fault(error: Exception) -> str:
    return f"the desk failed at it, not the server: {type(error).__name__}: {error}"


async def _swept(client: Imap, place: Place, watched: Watched) -> None:
    """Delete what may go; a server that refuses is still one to read from."""
    try:
        await sweep(client, place)
        watched.unswept = ""
    except (Refused, Gone, Lost) as error:
        watched.unswept = f"Mail is fetched, but not deleted: {clean(str(error))}"
        watched.sweep_at = time.monotonic() + SWEEP_AGAIN_S
        if isinstance(error, Lost):
            raise


def _signature(server: MailServer) -> tuple[object, ...]:
    """What a session depends on: it begins anew when any of it changes."""
    return (
        server.host, server.port, server.security, server.auth, server.username, server.secret,
        server.folder, server.delete_after_import,
        server.state not in ENDED,
    )  # fmt: skip


def _late(server: MailServer) -> float:
    return -server.last_mail_at.timestamp() if server.last_mail_at is not None else 0.0


def _back_off(failures: int) -> float:
    """Seconds, with a tenth of chance in them."""
    wait = BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1]
    return wait * random.uniform(0.9, 1.1)  # noqa: S311 - not for secrets
