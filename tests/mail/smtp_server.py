"""A real SMTP server (aiosmtpd) that fails as it is told to, and keeps what it took."""

import asyncio
import base64
import ssl
import subprocess
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "user@demo.test", "secret"


@dataclass(frozen=True)
class Taken:
    """A mail the server has."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class Script:
    """How it behaves: answers by command (`MAIL`, `RCPT`, `DATA` before, `END` after the mail).

    An answer is what the server says; `drop` hangs up; `hang` never answers. By recipient:
    `RCPT a@b`, `END a@b`.
    """

    answers: dict[str, str] = field(default_factory=dict[str, str])
    greeting: str = ""
    """Instead of 220, with its code; `drop` or `hang` too."""
    times: int | None = None
    """How many answers of the script are given before all is well; None for ever."""
    offer_auth: bool = False
    require_starttls: bool = False
    token: str = ""
    """The access token it takes (XOAUTH2)."""

    def take(self, command: str, who: str = "") -> str | None:
        """What to answer; None for what is usual."""
        for key in (f"{command} {who}", command):
            if key in self.answers and self.times != 0:
                if self.times is not None:
                    self.times -= 1
                return self.answers[key]
        return None


@dataclass
class Server:
    """One that listens."""

    port: int
    script: Script
    taken: list[Taken] = field(default_factory=list[Taken])
    connections: int = 0
    tokens: list[str] = field(default_factory=list[str])
    """Those it was shown, in order."""
    most_open: int = 0
    """At once."""
    on_taken: Callable[[], None] | None = None
    sessions: set[Any] = field(default_factory=set[Any])
    """Open."""

    def times(self, message_id: str) -> int:
        """How often it has taken a mail of this Message-ID."""
        return sum(f"Message-ID: <{message_id}>".encode() in one.raw for one in self.taken)


class _Session(SMTP):
    """One connection."""

    def __init__(self, server: Server, **more: Any) -> None:
        self._told = server
        super().__init__(_Handler(server), **more)

    def connection_made(self, transport: Any) -> None:
        """Once, and again when STARTTLS has put another transport in its place."""
        told = self._told
        told.connections += self not in told.sessions
        told.sessions.add(self)
        told.most_open = max(told.most_open, len(told.sessions))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._told.sessions.discard(self)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        """Where a scripted answer is `drop` or `hang`, that happens instead."""
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 ") and self._told.script.greeting and "TLS" not in text:
            text = self._told.script.greeting
        if text == "drop":
            transport: Any = self.transport
            transport.abort()
            raise asyncio.CancelledError
        if text == "hang":
            await asyncio.Event().wait()
        await super().push(text)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by name
        answer = self._told.script.take("DATA")
        if answer is not None:
            await self.push(answer)
            return
        await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, server: Server) -> None:
        self._server = server

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode()
        token = said.partition("auth=Bearer ")[2].strip("\1")
        self._server.tokens.append(token)
        return AuthResult(success=token == self._server.script.token, handled=False)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._server.script.take("MAIL", address)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._server.script.take("RCPT", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        taken = Taken((envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos), content)
        answer = self._server.script.take("END", next(iter(envelope.rcpt_tos), ""))
        # A server that hangs up or falls silent here has the mail: that is the point of it.
        if answer in {None, "drop", "hang"}:
            self._server.taken.append(taken)
            if self._server.on_taken is not None:
                self._server.on_taken()
        return answer or "250 2.0.0 taken"


def _authenticate(server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
    script: Script = server._told.script
    login, password = getattr(data, "login", b""), getattr(data, "password", b"")
    answer = script.take("AUTH")
    if answer is not None:
        return AuthResult(success=False, handled=False, message=answer)
    right = (login, password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def smtp_server(
    script: Script | None = None, context: ssl.SSLContext | None = None, *, implicit: bool = False
) -> AsyncGenerator[Server]:
    """Listening on a port of its own, until the block ends."""
    server = Server(0, script or Script())
    options: dict[str, Any] = {"enable_SMTPUTF8": False, "hostname": "mail.test"}
    if server.script.offer_auth:
        options |= {"authenticator": _authenticate, "auth_require_tls": False}
    if context is not None and not implicit:
        options |= {"tls_context": context, "require_starttls": server.script.require_starttls}
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        partial(_Session, server, loop=loop, **options),
        "127.0.0.1",
        0,
        ssl=context if implicit else None,
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for session in tuple(server.sessions):
            session.transport.abort()
        for _ in range(3):  # the transports close themselves in the rounds to come
            await asyncio.sleep(0)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a self-signed certificate, and a client's that trusts it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(cert, key)
    theirs = ssl.create_default_context(cafile=str(cert))
    return ours, theirs
