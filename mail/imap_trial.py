"""An IMAP server tried: every stage from its name to its folder, which is only looked at.

A client of a few commands of its own: the one that fetches hides the stages this one names, and
looks up the host by itself, so that what was checked would not be what is connected to.
"""

import base64
import re
from collections.abc import Awaitable, Callable

from mail.credentials import Bearer, Credential, Password
from mail.folder_names import Folder, encoded, listed, quoted
from mail.hosts import addresses
from mail.line import Line
from mail.parsing.charsets import clean
from mail.trial import NotNeeded, NotOffered, Stage, StageFailed, Work, unwelcome
from models.mail_enums import MailSecurity
from models.mailboxes import MailServer

FOLDERS_MOST = 5_000
_LITERAL = re.compile(rb"\{(\d{1,9})\}$")
WITHOUT = {
    Stage.UIDPLUS: "Deleting after import will use MOVE, or leave mails where they are.",
    Stage.MOVE: "Mails are deleted by UIDPLUS, or stay.",
    Stage.IDLE: "New mail is looked for once a minute.",
}


class ImapTrial:
    """One connection to be tried; `close` it."""

    def __init__(self, server: MailServer, sign_in: Callable[[], Awaitable[Credential]]) -> None:
        self._server = server
        self._sign_in = sign_in
        self._line = Line(server.host)
        self._addresses: list[str] = []
        self._tag = 0
        self._capabilities: frozenset[str] = frozenset()
        self.folders: list[Folder] = []

    @property
    def stages(self) -> list[tuple[Stage, Work]]:
        """In order."""
        return [
            (Stage.DNS, self._dns),
            (Stage.CONNECT, self._connect),
            (Stage.TLS, self._tls),
            (Stage.CAPABILITY, self._capability),
            (Stage.AUTH, self._auth),
            (Stage.LIST, self._list),
            (Stage.SELECT, self._examine),
            (Stage.UIDPLUS, lambda: self._offered(Stage.UIDPLUS)),
            (Stage.MOVE, lambda: self._offered(Stage.MOVE)),
            (Stage.IDLE, lambda: self._offered(Stage.IDLE)),
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
        line = await self._line.read()
        if not line.startswith((b"* OK", b"* PREAUTH")):
            raise StageFailed(_text(line), "Is this an IMAP server? SMTP has other ports.")
        return _text(line[2:])

    async def _tls(self) -> str:
        if self._server.security is MailSecurity.NONE:
            raise NotNeeded("No encryption.", "Anybody on the way reads password and mails.")
        if self._server.security is MailSecurity.STARTTLS:
            said, _ = await self._command(b"STARTTLS")
            if not said.startswith(b"OK"):
                raise StageFailed(_text(said), "The server offers no STARTTLS here: choose TLS.")
        return await self._line.encrypt()

    async def _capability(self) -> str:
        if self._server.security is MailSecurity.TLS:
            await self._greeting()
        await self._ask_capabilities()
        return " ".join(sorted(self._capabilities))

    async def _ask_capabilities(self) -> None:
        said, lines = await self._command(b"CAPABILITY")
        if not said.startswith(b"OK"):
            raise StageFailed(_text(said))
        told = [one.split()[2:] for one in lines if one.upper().startswith(b"* CAPABILITY")]
        self._capabilities = frozenset(_text(word).upper() for words in told for word in words)

    async def _auth(self) -> str:
        credential = await self._sign_in()
        if isinstance(credential, Bearer):
            said = await self._bearer(credential)
        else:
            said = await self._login(credential)
        if not said.startswith(b"OK"):
            raise unwelcome(_text(said), credential)
        await self._ask_capabilities()
        return f"Signed in as {credential.username}."

    async def _login(self, credential: Password) -> bytes:
        if "LOGINDISABLED" in self._capabilities:
            raise StageFailed(
                "The server takes no passwords on this connection.", "Choose TLS or STARTTLS."
            )
        words = [b"LOGIN"]
        for text in (credential.username, credential.password):
            raw = text.encode()
            words.append(quoted(raw) if text.isascii() else b"{%d}\r\n%b" % (len(raw), raw))
        said, _ = await self._command(b" ".join(words))
        return said

    async def _bearer(self, credential: Bearer) -> bytes:
        """XOAUTH2: a refusal comes as a challenge, which an empty line answers."""
        said = f"user={credential.username}\1auth=Bearer {credential.token}\1\1"
        token = base64.b64encode(said.encode())
        tag = self._next_tag()
        await self._line.send(tag + b" AUTHENTICATE XOAUTH2")
        sent = False
        while True:
            line = await self._line.read()
            if line.startswith(b"+"):
                await self._line.send(b"" if sent else token)
                sent = True
            elif line.startswith(tag + b" "):
                return line[len(tag) + 1 :]

    async def _list(self) -> str:
        said, _ = await self._command(b'LIST "" "*"', self._keep)
        if not said.startswith(b"OK"):
            raise StageFailed(_text(said))
        return f"{len(self.folders)} folders."

    def _keep(self, line: bytes, literal: bytes | None) -> None:
        folder = listed(line, literal)
        if folder is not None and len(self.folders) < FOLDERS_MOST:
            self.folders.append(folder)

    async def _examine(self) -> str:
        folder = self._server.folder
        said, lines = await self._command(b"EXAMINE " + self._sent(folder))
        if not said.startswith(b"OK"):
            advice = "Choose a folder that mailboxFetchFolders lists."
            raise StageFailed(f"{folder}: {_text(said)}", advice)
        counts = [one.split()[1] for one in lines if one.upper().endswith(b" EXISTS")]
        return f"{folder} has {_text(counts[0]) if counts else '0'} mails."

    def _sent(self, folder: str) -> bytes:
        """The name as the server wrote it, which may be no modified UTF-7."""
        listed = (one.raw for one in self.folders if one.name == folder and one.sent())
        return quoted(next(listed, encoded(folder)))

    async def _offered(self, stage: Stage) -> str:
        if stage.value not in self._capabilities:
            raise NotOffered(f"The server does not offer {stage.value}.", WITHOUT[stage])
        return "Offered."

    def _next_tag(self) -> bytes:
        self._tag += 1
        return b"t%d" % self._tag

    async def _command(
        self, command: bytes, keep: Callable[[bytes, bytes | None], None] | None = None
    ) -> tuple[bytes, list[bytes]]:
        """The server's verdict, from its OK, NO or BAD on, and the lines before."""
        tag = self._next_tag()
        first, *literals = command.split(b"\r\n")
        await self._line.send(tag + b" " + first)
        lines: list[bytes] = []
        while True:
            line = await self._line.read()
            if line.startswith(tag + b" "):
                return line[len(tag) + 1 :], lines
            if line.startswith(b"+") and literals:
                await self._line.send(literals.pop(0))
                continue
            if line.upper().startswith(b"* BYE"):
                raise StageFailed(_text(line[2:]), "The server ended the conversation.")
            literal = await self._literal(line)
            if keep is not None:
                keep(line, literal)
            elif len(lines) < FOLDERS_MOST:
                lines.append(line)

    async def _literal(self, line: bytes) -> bytes | None:
        found = _LITERAL.search(line)
        if found is None:
            return None
        if int(found[1]) > 64 * 1024:
            raise StageFailed("The server sends more than was asked for.")
        content = await self._line.exactly(int(found[1]))
        await self._line.read()
        return content


def _text(raw: bytes) -> str:
    return clean(raw.decode("utf-8", "replace"))[:300]
