"""An SMTP server tried: every stage from its name to a mail, which is sent only if there is one."""

import base64
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mail.credentials import Bearer, Credential, Password
from mail.hosts import addresses
from mail.line import Line
from mail.trial import NotNeeded, Stage, StageFailed, Work, unwelcome
from models.mail_enums import MailAuth, MailSecurity
from models.mailboxes import MailServer


@dataclass(frozen=True)
class Letter:
    """A mail to be sent to one address; without content, only whether it would be taken."""

    sender: str
    recipient: str = ""
    content: bytes = b""
    """With CRLF (RFC 5322)."""


@dataclass(frozen=True)
class Answer:
    """What the server said (RFC 5321, 4.2)."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """As a person reads it."""
        return f"{self.code} {' '.join(self.lines)}"[:500]


class SmtpTrial:
    """One connection to be tried; `close` it."""

    def __init__(
        self, server: MailServer, sign_in: Callable[[], Awaitable[Credential]], letter: Letter
    ) -> None:
        self._server = server
        self._sign_in = sign_in
        self._letter = letter
        self._line = Line(server.host)
        self._addresses: list[str] = []
        self._offers: dict[str, str] = {}
        self.answer = ""
        """The server's to the mail."""

    @property
    def stages(self) -> list[tuple[Stage, Work]]:
        """In order."""
        return [
            (Stage.DNS, self._dns),
            (Stage.CONNECT, self._connect),
            (Stage.TLS, self._tls),
            (Stage.EHLO, self._ehlo),
            (Stage.AUTH, self._auth),
            (Stage.MAIL, self._mail),
            (Stage.RCPT, self._rcpt),
            (Stage.DATA, self._data),
        ]

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    async def _dns(self) -> str:
        self._addresses = await addresses(self._server.host, self._server.port)
        return ", ".join(self._addresses)

    async def _connect(self) -> str:
        await self._line.open(self._addresses, self._server.port)
        if self._server.security is MailSecurity.TLS:
            return f"Port {self._server.port} answers."
        return await self._greeting()

    async def _greeting(self) -> str:
        greeting = await self._read()
        if greeting.code != 220:
            advice = "Is this an SMTP server, and does it take mail from this machine?"
            raise StageFailed(greeting.text, advice)
        return greeting.text

    async def _tls(self) -> str:
        if self._server.security is MailSecurity.NONE:
            raise NotNeeded("No encryption.", "Anybody on the way reads password and mails.")
        if self._server.security is MailSecurity.STARTTLS:
            await self._say_hello()
            answer = await self._ask(b"STARTTLS")
            if answer.code != 220:
                advice = "The server offers no STARTTLS here: choose TLS, or another port."
                raise StageFailed(answer.text, advice)
        return await self._line.encrypt()

    async def _ehlo(self) -> str:
        if self._server.security is MailSecurity.TLS:
            await self._greeting()
        await self._say_hello()
        return ", ".join(sorted(self._offers))

    async def _say_hello(self) -> None:
        answer = await self._ask(b"EHLO " + (socket.getfqdn() or "localhost").encode("idna"))
        if answer.code != 250:
            raise StageFailed(answer.text, "The server does not greet this machine.")
        pairs = (line.partition(" ") for line in answer.lines[1:])
        self._offers = {word.upper(): rest for word, _, rest in pairs}

    async def _auth(self) -> str:
        if self._server.auth is MailAuth.NONE:
            raise NotNeeded("No sign-in.")
        if "AUTH" not in self._offers:
            advice = "Choose TLS or STARTTLS, or NONE for auth if the server trusts this machine."
            raise StageFailed("The server takes no sign-in on this connection.", advice)
        credential = await self._sign_in()
        if isinstance(credential, Bearer):
            answer = await self._bearer(credential)
        else:
            answer = await self._password(credential)
        if answer.code != 235:
            raise unwelcome(answer.text, credential)
        return f"Signed in as {credential.username}."

    async def _password(self, credential: Password) -> Answer:
        """PLAIN (RFC 4616), or LOGIN where that is all there is."""
        name, password = credential.username.encode(), credential.password.encode()
        offered = self._offers["AUTH"].upper().split()
        if "PLAIN" in offered or "LOGIN" not in offered:
            return await self._ask(b"AUTH PLAIN " + _base64(b"\0" + name + b"\0" + password))
        answer = await self._ask(b"AUTH LOGIN")
        for part in (name, password):
            if answer.code == 334:
                answer = await self._ask(_base64(part))
        return answer

    async def _bearer(self, credential: Bearer) -> Answer:
        """XOAUTH2: a refusal comes as a challenge, which an empty line answers."""
        said = f"user={credential.username}\1auth=Bearer {credential.token}\1\1"
        answer = await self._ask(b"AUTH XOAUTH2 " + _base64(said.encode()))
        return await self._ask(b"") if answer.code == 334 else answer

    async def _mail(self) -> str:
        return await self._taken(b"MAIL FROM:<%b>" % self._letter.sender.encode())

    async def _rcpt(self) -> str:
        if not self._letter.recipient:
            raise NotNeeded("No mail is sent: mailboxSendTest sends one.")
        return await self._taken(b"RCPT TO:<%b>" % self._letter.recipient.encode())

    async def _data(self) -> str:
        if not self._letter.content:
            await self._ask(b"QUIT")
            raise NotNeeded("No mail is sent: mailboxSendTest sends one.")
        answer = await self._ask(b"DATA")
        if answer.code != 354:
            raise StageFailed(answer.text)
        lines = self._letter.content.removesuffix(b"\r\n").split(b"\r\n")
        stuffed = b"\r\n".join(b"." + one if one.startswith(b".") else one for one in lines)
        self.answer = await self._taken(stuffed + b"\r\n.")
        return self.answer

    async def _taken(self, said: bytes) -> str:
        answer = await self._ask(said)
        if not 200 <= answer.code < 300:
            temporary = 400 <= answer.code < 500
            advice = (
                "The server asks to try again later."
                if temporary
                else "The server refuses this mail: may this account write from this address?"
            )
            raise StageFailed(answer.text, advice)
        return answer.text

    async def _ask(self, said: bytes) -> Answer:
        await self._line.send(said)
        return await self._read()

    async def _read(self) -> Answer:
        lines: list[str] = []
        while True:
            line = (await self._line.read()).decode("utf-8", "replace")
            if not (len(line) >= 3 and line[:3].isascii() and line[:3].isdigit()):
                raise StageFailed(line[:300], "This is no SMTP server: check the port.")
            lines.append(line[4:])
            if line[3:4] != "-" or len(lines) > 100:
                return Answer(int(line[:3]), tuple(lines))


def _base64(raw: bytes) -> bytes:
    return base64.b64encode(raw)
