"""The worker that sends the queue: any number of them may run, in any number of processes."""

import asyncio
import secrets
import ssl
from collections.abc import Awaitable, Callable

import structlog
from structlog.typing import FilteringBoundLogger

from actions import mail_endings, mail_leases
from actions.keys import KeyLost
from actions.mail_leases import LEASE, Lease
from mail import compose, oauth, smtp
from mail.addresses import on_the_line
from mail.credentials import Bearer, Credential, Reauthorise
from mail.oauth_server import TokenServerTrouble
from mail.outcomes import (
    AuthRefused,
    Outcome,
    PartlyRefused,
    Quota,
    Rejected,
    Sent,
    Uncertain,
    Unreachable,
    readable,
)
from mail.rendering import rendered
from mail.smtp import Where
from models.mail_enums import MailboxState
from models.mailboxes import Mailbox, MailServer
from models.sql import clock

log: FilteringBoundLogger = structlog.get_logger()
EVERY_S = 1.0
AT_ONCE = 4
"""Mailboxes that one worker sends by at the same time."""
IN_A_ROW = 50
"""Mails by one mailbox before others have their turn."""
FINISH_S = 10.0
"""For what is under way when the worker ends; what takes longer is in doubt."""
MAILBOX_TROUBLES: dict[type[Outcome], MailboxState] = {
    Quota: MailboxState.PAUSED,
    AuthRefused: MailboxState.BLOCKED,
    Unreachable: MailboxState.UNREACHABLE,
}
"""Endings that are not the mail's fault."""
SIGN_IN_TROUBLES: dict[type[Exception], MailboxState] = {
    KeyLost: MailboxState.BLOCKED,
    Reauthorise: MailboxState.REAUTHORISE,
    TokenServerTrouble: MailboxState.UNREACHABLE,
}
SignIn = Callable[[Mailbox, MailServer, Credential | None], Awaitable[Credential]]
"""What to sign in with; another than the one given, which was refused."""


class OutboxWorker:
    """Takes a server, sends what is due by it, gives it back."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        sign_in: SignIn = oauth.credential,
        timeout_s: float = smtp.TIMEOUT_S,
        content_timeout_s: float = smtp.CONTENT_TIMEOUT_S,
    ) -> None:
        """`context` for certificates Python does not trust by itself."""
        self.name = secrets.token_hex(8)
        self._context = context
        self._sign_in = sign_in
        self._timeouts = (timeout_s, content_timeout_s)
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._ending = False

    def wake(self) -> None:
        """Something may be due: look at once."""
        self._woken.set()

    async def run(self) -> None:
        """For ever; a failure is logged, and all is tried again."""
        try:
            while True:
                self._woken.clear()
                try:
                    await self._start()
                except Exception:
                    log.exception("outbox failed")
                try:
                    async with asyncio.timeout(EVERY_S):
                        await self._woken.wait()
                except TimeoutError:
                    pass
        finally:
            await self._finish()

    async def _finish(self) -> None:
        self._ending = True
        if self._sending:
            _, late = await asyncio.wait(set(self._sending), timeout=FINISH_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def once(self) -> None:
        """Send what is due now: for tests, and for whoever wants to wait for it."""
        await self._start()
        while self._sending:
            await asyncio.wait(set(self._sending))
            await self._start()

    async def _start(self) -> None:
        for mail in await mail_leases.expired():
            await mail_endings.in_doubt(mail)
        while len(self._sending) < AT_ONCE:
            server = await mail_leases.take_server(self.name)
            if server is None:
                return
            task = asyncio.create_task(self._send_by(server), name=f"outbox of {server.id}")
            self._sending.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._woken.set()

    async def _send_by(self, server: MailServer) -> None:
        try:
            for _ in range(IN_A_ROW):
                lease = await mail_leases.take_mail(server, self.name)
                if lease is None:
                    break
                await self.send(lease)
                if self._ending:
                    break
        except Exception:
            # What was under way is found by its lease; the server waits that long, too.
            log.exception("sending failed", server=server.id)
        else:
            await mail_leases.give_server(server, self.name)

    async def send(self, lease: Lease, refused: Bearer | None = None) -> None:
        """One mail, from its words to what became of it.

        A token that is `refused` may have been withdrawn: once, another is tried.
        """
        raw = await self._composed(lease)
        if raw is None:
            return
        try:
            credential = await self._sign_in(lease.mailbox, lease.server, refused)
        except tuple(SIGN_IN_TROUBLES) as error:
            state = SIGN_IN_TROUBLES[type(error)]
            await mail_endings.returned(lease, state, None, readable(str(error)))
            return
        sender = compose.envelope_sender(lease.mail, lease.mailbox)
        where = self._where(lease)
        outcome = await smtp.send(where, credential, sender, [lease.mail.recipient], raw)
        again = refused is None and isinstance(outcome, AuthRefused)
        if not (again and isinstance(credential, Bearer)):
            await settle(lease, outcome, len(raw))
        elif await mail_endings.kept(lease, lease_until=await clock() + LEASE):
            await self.send(lease, credential)

    async def _composed(self, lease: Lease) -> bytes | None:
        """The bytes, the words of which are written down first; None if there can be none."""
        mail = lease.mail
        try:
            if mail.text is None:
                words = await rendered(mail)
                headers = await compose.headers_of(mail, lease.mailbox)
                told = {"subject": words.subject, "text": words.text, "html": words.html}
                told |= {"language": words.language, "reason": "; ".join(words.broken)}
                if not await mail_endings.kept(lease, headers=headers, **told):
                    return None
            return await compose.composed(mail)
        except Exception as error:
            log.exception("mail cannot be put together", mail=mail.id)
            text = f"It cannot be put together: {type(error).__name__}: {error}"
            await mail_endings.failed(lease, None, text[:1000])
            return None

    def _where(self, lease: Lease) -> Where:
        server = lease.server
        domain = on_the_line(lease.mailbox.address).rpartition("@")[2]
        return Where(
            server.host,
            server.port,
            server.security,
            context=self._context,
            local_hostname=domain,
            timeout_s=self._timeouts[0],
            content_timeout_s=self._timeouts[1],
        )


async def settle(lease: Lease, outcome: Outcome, size: int) -> None:
    """Write down how it ended."""
    code, text = outcome.code, outcome.text
    log.info("mail tried", mail=lease.mail.id, outcome=type(outcome).__name__, code=code)
    state = MAILBOX_TROUBLES.get(type(outcome))
    if state is not None:
        where = f"{outcome.stage.value}: " if isinstance(outcome, Unreachable) else ""
        await mail_endings.returned(lease, state, code, where + text)
        return
    match outcome:
        case Sent():
            await mail_endings.sent(lease, code, text, size)
        case PartlyRefused():
            await mail_endings.sent(lease, code, text, size, refused=text)
        case Rejected():
            await mail_endings.failed(lease, code, text)
        case Uncertain():
            await mail_endings.in_doubt(lease.mail, f"{mail_endings.UNCERTAIN} {text}")
        case _:
            await mail_endings.put_off(lease, code, text)
