"""IMAP, as far as the desk speaks it: typed, with errors of our own.

One connection, used by one task at a time. After any error or time-out it is good for nothing:
close it, and make another.
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Generator, Sequence
from datetime import date
from typing import Self

from mail.credentials import Bearer, Credential
from mail.folder_names import quoted
from mail.imap_answers import (
    EXISTS,
    NUMBER,
    SIZE,
    UID,
    UIDNEXT,
    UIDVALIDITY,
    Facts,
    Fetched,
    Opened,
    folders,
    internaldate,
    named,
    number,
    said,
)
from mail.imap_protocol import Answer, Protocol
from mail.wire import Gone, Lost, MailServerError, Refused, TlsFailed, opening
from models.mail_enums import MailSecurity

PATIENCE_S = 20.0
FETCH_PATIENCE_S = 120.0
BATCH = 200
"""UIDs of one command."""
HEAD = 64 * 1024
"""Bytes that are fetched of a mail too large to fetch."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Imap:
    """A connection to a mail server, typed, with errors of our own (`mail.wire`)."""

    def __init__(self, protocol: Protocol, host: str, patience_s: float) -> None:
        self._protocol = protocol
        self._host = host
        self._patience_s = patience_s

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        security: MailSecurity,
        tls: ssl.SSLContext,
        *,
        patience_s: float = PATIENCE_S,
        address: str = "",
    ) -> Self:
        """A connection that was greeted, encrypted from the start if `security` is TLS.

        STARTTLS is a step of its own. `address` is where the host was found to be, when somebody
        has looked already. Raises Unreachable, TlsFailed, Lost.
        """
        loop = asyncio.get_running_loop()
        implicit = security is MailSecurity.TLS
        async with opening(host, port, patience_s):
            _, protocol = await loop.create_connection(
                Protocol,
                address or host,
                port,
                ssl=tls if implicit else None,
                server_hostname=host if implicit else None,
            )
        client = cls(protocol, host, patience_s)
        try:
            async with asyncio.timeout(patience_s):
                await protocol.greeted
        except TimeoutError:
            client.close()
            why = "it does not greet: is that an IMAP server, and the encryption right?"
            raise Lost(why) from None
        except BaseException:  # cancelled, too: nobody else would close it
            client.close()
            raise
        return client

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server says it can do, upper case."""
        return self._protocol.able

    async def starttls(self, tls: ssl.SSLContext) -> None:
        """Go on encrypted (RFC 9051, 6.2.1). Raises TlsFailed, Lost."""
        if "STARTTLS" not in self.capabilities:
            raise TlsFailed("the server does not offer STARTTLS")
        result, _ = await self._run("STARTTLS")
        if result != "OK":
            raise TlsFailed("the server refuses STARTTLS")
        async with opening(self._host, 0, self._patience_s):
            await self._protocol.upgrade(tls, self._host)
        await self._capability()

    async def sign_in(self, credential: Credential) -> None:
        """Raises Refused with the server's words, Lost."""
        name, protocol = credential.username, self._protocol
        with self._watched():
            async with asyncio.timeout(self._patience_s):
                result, lines = await (
                    protocol.sign_in_bearer(name, credential.token)
                    if isinstance(credential, Bearer)
                    else protocol.sign_in_plain(quoted(name.encode()).decode(), credential.password)
                )
        if result != "OK":
            raise Refused(said(lines))
        await self._capability()

    async def folders(self) -> list[str]:
        """The names of all folders that can be opened, decoded."""
        result, lines = await self._run("LIST", '""', '"*"')
        if result != "OK":
            raise Lost(f"LIST failed: {said(lines)}")
        return folders(lines)

    async def open(self, folder: str, *, read_only: bool = True) -> Opened:
        """Raises Gone when there is no such folder."""
        name = "EXAMINE" if read_only else "SELECT"
        result, lines = await self._run(name, named(folder))
        if result != "OK":
            raise Gone(f"the folder {folder} cannot be opened: {said(lines)}")
        text = b"\n".join(bytes(one) for one in lines)
        validity = UIDVALIDITY.search(text)
        if validity is None:
            raise Gone(f"the folder {folder} has no UIDVALIDITY: it cannot be followed")
        return Opened(int(validity[1]), number(UIDNEXT, text), number(EXISTS, text))

    async def uids(self, after: int = 0, *, since: date | None = None) -> list[int]:
        """The UIDs beyond this one, ascending; of mails since a day, if one is given."""
        day = f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else ""
        result, lines = await self._run("SEARCH", f"UID {after + 1}:*{day}", prefix="UID")
        if result != "OK":
            raise Lost(f"SEARCH failed: {said(lines)}")
        found: set[int] = set()
        for line in lines[:-1]:
            if bytes(line[:6]).upper() == b"SEARCH":
                found |= {int(one) for one in NUMBER.findall(bytes(line))}
        # n:* always has the last one, even when it is below n (RFC 9051, 9).
        return sorted(one for one in found if one > after)

    async def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Size and date of these; those that are gone are not in it."""
        found: dict[int, Facts] = {}
        for start in range(0, len(uids), BATCH):
            part = ",".join(map(str, uids[start : start + BATCH]))
            what = "(UID INTERNALDATE RFC822.SIZE)"
            _, lines = await self._run("FETCH", part, what, prefix="UID")
            for line in map(bytes, lines):
                uid, size = UID.search(line), SIZE.search(line)
                if uid is not None and size is not None:
                    found[int(uid[1])] = Facts(int(size[1]), internaldate(line))
        return found

    async def fetch(self, uid: int) -> Fetched | None:
        """The whole mail, left unread; None when it is gone."""
        return await self._fetched(uid, "BODY.PEEK[]")

    async def head(self, uid: int) -> Fetched | None:
        """Its first 64 kB."""
        return await self._fetched(uid, f"BODY.PEEK[]<0.{HEAD}>")

    async def _fetched(self, uid: int, what: str) -> Fetched | None:
        _, lines = await self._run(
            "FETCH", str(uid), f"(UID INTERNALDATE {what})", prefix="UID",
            patience_s=max(FETCH_PATIENCE_S, self._patience_s),
        )  # fmt: skip
        raw = next((bytes(one) for one in lines if isinstance(one, bytearray)), None)
        if raw is None:
            return None
        words = b" ".join(one for one in lines if not isinstance(one, bytearray))
        return Fetched(raw, internaldate(words))

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself (RFC 2177)."""
        return "IDLE" in self.capabilities

    async def idle(self, seconds: float) -> bool:
        """Wait until something happens in the folder, at most so long; whether it did."""
        protocol = self._protocol
        while not protocol.pushes.empty():
            protocol.pushes.get_nowait()
        with self._watched():
            idle = asyncio.ensure_future(protocol.idle_until_done())
            try:
                async with asyncio.timeout(seconds):
                    said = await _pushed(protocol, idle)
            except TimeoutError:
                said = False
            except asyncio.CancelledError:  # nobody waits any more: the line is of no use either
                idle.cancel()
                self.close()
                raise
            if not idle.done():
                protocol.idle_done()
            async with asyncio.timeout(self._patience_s):
                await idle
        return said

    async def remove(self, uids: Sequence[int]) -> None:
        """Delete just these from the folder, open for writing: by UIDPLUS, else into the trash.

        Never by a plain EXPUNGE, which takes what another program has marked. Raises Refused when
        the server can do neither.
        """
        for start in range(0, len(uids), BATCH):
            part = ",".join(map(str, uids[start : start + BATCH]))
            if "UIDPLUS" in self.capabilities:
                await self._must("STORE", part, r"+FLAGS.SILENT (\Deleted)", prefix="UID")
                await self._must("EXPUNGE", part, prefix="UID")
            elif "MOVE" in self.capabilities:
                await self._must("MOVE", part, named(await self._trash()), prefix="UID")
            else:
                raise Refused("the server has neither UIDPLUS nor MOVE: nothing is deleted")

    async def _trash(self) -> str:
        names = await self.folders()
        wanted = [one for one in names if re.search(r"(?i)trash|deleted|papierkorb|cestino", one)]
        if not wanted:
            raise Refused("the server has no folder for deleted mail: nothing is deleted")
        return wanted[0]

    def close(self) -> None:
        """At once; no farewell is waited for."""
        self._protocol.cut()

    async def leave(self) -> None:
        """With a farewell, if the server still listens."""
        with contextlib.suppress(MailServerError, TimeoutError):
            await self._run("LOGOUT", patience_s=2.0)
        self.close()

    async def _capability(self) -> None:
        with self._watched():
            async with asyncio.timeout(self._patience_s):
                await self._protocol.capability()

    async def _must(self, name: str, *words: str, prefix: str = "") -> None:
        result, lines = await self._run(name, *words, prefix=prefix)
        if result != "OK":
            raise Refused(f"{name} failed: {said(lines)}")

    async def _run(
        self, name: str, *words: str, prefix: str = "", patience_s: float | None = None
    ) -> Answer:
        """Raises Lost when no answer comes."""
        with self._watched():
            async with asyncio.timeout(patience_s or self._patience_s):
                return await self._protocol.ask(name, *words, prefix=prefix)

    @contextlib.contextmanager
    def _watched(self) -> Generator[None]:
        """Errors as ours; after a time-out the line is cut, for nobody knows what comes on it."""
        try:
            yield
        except TimeoutError:
            self.close()
            raise Lost("it did not answer in time") from None
        except MailServerError:
            raise
        except Exception as error:
            self.close()
            raise Lost(f"the line broke: {error or type(error).__name__}") from error


async def _pushed(protocol: Protocol, idle: "asyncio.Future[None]") -> bool:
    """Until a push tells of mails, or the command ends; whether one did."""
    while not idle.done():
        getting = asyncio.ensure_future(protocol.pushes.get())
        try:
            await asyncio.wait({getting, idle}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told = getting.done()
            getting.cancel()
        if told and any(b"EXISTS" in one or b"EXPUNGE" in one for one in getting.result()):
            return True
    return False
