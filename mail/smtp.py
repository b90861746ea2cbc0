"""One mail to one server: the only place that knows aiosmtplib. Every way it can end is a value."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import aiosmtplib
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponseException,
)
from aiosmtplib.protocol import SMTPProtocol
from aiosmtplib.response import SMTPResponse

from mail.addresses import on_the_line
from mail.credentials import Bearer, Credential
from mail.hosts import addresses, socket_to
from mail.outcomes import (
    AuthRefused,
    Outcome,
    PartlyRefused,
    Quota,
    Rejected,
    Sent,
    Stage,
    broken,
    judged,
)
from models.mail_enums import MailSecurity

TIMEOUT_S = 30.0
"""For each answer of the server; RFC 5321 (4.5.3.2) would have us wait for minutes."""
CONTENT_TIMEOUT_S = 120.0
"""For the answer after the final dot."""
WHOLE_S = 240.0
"""For all of it: less than a lease of the outbox."""

NO_SMTPUTF8 = (
    "The address cannot be written to: before its @ are letters that the mailbox's server does "
    "not take (it has no SMTPUTF8)."
)


@dataclass(frozen=True)
class Where:
    """A server to send by; `context` None for what Python trusts."""

    host: str
    port: int
    security: MailSecurity
    context: ssl.SSLContext | None = None
    local_hostname: str = "localhost"
    timeout_s: float = TIMEOUT_S
    content_timeout_s: float = CONTENT_TIMEOUT_S


class _Ended(Exception):
    """It ended here."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


async def send(
    where: Where, credential: Credential, sender: str, recipients: Sequence[str], raw: bytes
) -> Outcome:
    """Send one mail by a connection of its own; `sender` may be empty (RFC 5321, 4.5.5).

    Raises nothing but cancellation.
    """
    try:
        sender = on_the_line(sender) if sender else ""
        recipients = [on_the_line(one) for one in recipients]
    except ValueError as error:
        return Rejected(None, str(error))
    attempt = _Attempt(where)
    try:
        async with asyncio.timeout(WHOLE_S):
            return await attempt.run(credential, sender, recipients, raw)
    except _Ended as ended:
        return ended.outcome
    except TimeoutError:
        return attempt.broken("It took too long.")
    finally:
        attempt.close()


class _Attempt:
    """One connection, and how far it has come."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._stage = Stage.CONNECT
        self._options: list[str] = []
        self._encoding = "ascii"
        self._client = aiosmtplib.SMTP(
            hostname=where.host,
            use_tls=where.security is MailSecurity.TLS,
            # Never None: a STARTTLS that somebody cut out would be done without.
            start_tls=False,
            tls_context=where.context,
            local_hostname=where.local_hostname,
            timeout=where.timeout_s,
        )

    async def run(
        self, credential: Credential, sender: str, recipients: Sequence[str], raw: bytes
    ) -> Outcome:
        await self._step(Stage.CONNECT, self._connect)
        if self._where.security is MailSecurity.STARTTLS:
            await self._step(Stage.TLS, self._client.starttls)
        await self._step(Stage.GREETING, self._greet)
        await self._step(Stage.AUTH, lambda: self._sign_in(credential))
        if not "".join((sender, *recipients)).isascii():
            self._any_script()
        options = [*self._options, *self._size(raw)]
        mail = partial(self._client.mail, sender, options=options, encoding=self._encoding)
        await self._step(Stage.SENDER, mail)
        refused = await self._recipients(recipients)
        code, text = await self._content(raw)
        if refused:
            names = tuple(refused)
            return PartlyRefused(refused[names[0]].code, refused[names[0]].text, names)
        return Sent(code, text)

    def broken(self, text: str) -> Outcome:
        """What it means that the line broke, or nobody answered."""
        return broken(self._stage, text)

    def close(self) -> None:
        """Hang up; the server's answer to QUIT would tell us nothing."""
        self._client.close()

    async def _step(self, stage: Stage, step: Callable[[], Awaitable[object]]) -> None:
        self._stage = stage
        try:
            await step()
        except SMTPResponseException as error:
            raise _Ended(judged(stage, error.code, error.message)) from error
        except SMTPNotSupported as error:
            raise _Ended(Rejected(None, str(error))) from error
        except (SMTPException, OSError, ValueError, UnicodeError) as error:
            raise _Ended(self._failed(error)) from error

    def _failed(self, error: Exception) -> Outcome:
        cause = error.__cause__ or error
        text = str(error).replace(" on port None", "") or type(error).__name__
        if isinstance(error, ValueError) and self._stage in {Stage.SENDER, Stage.RECIPIENT}:
            return Rejected(None, f"The address cannot be written to: {text}")
        if isinstance(cause, ssl.SSLError):
            self._stage = Stage.TLS
            text = getattr(cause, "verify_message", "") or cause.reason or text
        if self._stage is Stage.AUTH and type(error) is SMTPException:
            return AuthRefused(None, text)  # it offers no way to sign in that we know
        return self.broken(text)

    async def _connect(self) -> None:
        """To the very address that was checked, under the server's own name."""
        where = self._where
        found = await addresses(where.host, where.port)
        sock = await socket_to(found, where.port, where.timeout_s)
        await self._client.connect(sock=sock)

    async def _greet(self) -> None:
        await self._client.ehlo()

    async def _sign_in(self, credential: Credential) -> None:
        if isinstance(credential, Bearer):
            await self._client.auth_xoauth2(credential.username, credential.token)
        elif credential.username:
            await self._client.login(credential.username, credential.password)

    def _any_script(self) -> None:
        """Addresses go as they are (RFC 6531), to a server that says it takes such."""
        if not self._client.supports_extension("smtputf8"):
            raise _Ended(Rejected(None, NO_SMTPUTF8))
        self._options, self._encoding = ["SMTPUTF8"], "utf-8"

    def _size(self, raw: bytes) -> list[str]:
        return [f"SIZE={len(raw)}"] if self._client.supports_extension("size") else []

    async def _recipients(self, recipients: Sequence[str]) -> dict[str, Outcome]:
        """Those refused while others were not; the first refusal, when all were."""
        refused: dict[str, Outcome] = {}
        for one in recipients:
            try:
                await self._step(
                    Stage.RECIPIENT, lambda one=one: self._client.rcpt(one, encoding=self._encoding)
                )
            except _Ended as ended:
                if ended.outcome.code is None or isinstance(ended.outcome, Quota):
                    raise
                refused[one] = ended.outcome
        if len(refused) == len(recipients):
            raise _Ended(next(iter(refused.values())))
        return refused

    async def _content(self, raw: bytes) -> tuple[int, str]:
        """From DATA to the answer after the final dot, told apart: only there all is uncertain."""
        await self._step(Stage.DATA, self._begin_data)
        answers: list[SMTPResponse] = []

        async def content() -> None:
            answers.append(await self._protocol_answer(dotted(raw)))

        await self._step(Stage.CONTENT, content)
        (answer,) = answers
        if answer.code // 100 != 2:
            raise _Ended(judged(Stage.CONTENT, answer.code, answer.message))
        return answer.code, answer.message

    async def _begin_data(self) -> None:
        answer = await self._client.execute_command(b"DATA")
        if answer.code != 354:
            raise SMTPDataError(answer.code, answer.message)

    async def _protocol_answer(self, data: bytes) -> SMTPResponse:
        protocol: SMTPProtocol | None = self._client.protocol
        if protocol is None:
            raise ConnectionError("The connection was lost.")
        protocol.write(data)
        return await protocol.read_response(timeout=self._where.content_timeout_s)


def dotted(raw: bytes) -> bytes:
    """As it goes over the line (RFC 5321, 4.5.2): CRLF, dots doubled, the final dot."""
    lines = re.split(rb"\r\n|\r|\n", raw)
    if lines and not lines[-1]:
        lines.pop()
    return b"".join((b"." + one if one.startswith(b".") else one) + b"\r\n" for one in lines) + (
        b".\r\n"
    )
