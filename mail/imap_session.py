"""A line to an IMAP server: opened, encrypted, signed in on, waited on, given up.

Used by one task at a time. After any error or time-out it is good for nothing: close it, and make
another.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Generator
from typing import Self

from mail.credentials import Bearer, Credential
from mail.folder_names import quoted
from mail.imap_answers import PASSING, said
from mail.imap_protocol import Answer, Protocol
from mail.wire import Lost, MailServerError, Refused, TlsFailed, opening
from models.mail_enums import MailSecurity

PATIENCE_S = 20.0
HEARD_MOST_S = 3600.0
"""For one answer, however steadily it comes."""


class Session:
    """One connection, as far as nothing is said of folders and mails."""

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
        """Raises Refused with the server's words; Lost, also where it says that this passes."""
        name, protocol = credential.username, self._protocol
        with self._watched():
            async with asyncio.timeout(self._patience_s):
                result, lines = await (
                    protocol.sign_in_bearer(name, credential.token)
                    if isinstance(credential, Bearer)
                    else protocol.sign_in_plain(quoted(name.encode()).decode(), credential.password)
                )
        if result != "OK":
            why = said(lines)
            raise Lost(why) if PASSING.search(why) else Refused(why)
        await self._capability()

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

    async def _run(
        self, name: str, *words: str, prefix: str = "", patience_s: float | None = None
    ) -> Answer:
        """Raises Lost when no answer comes."""
        with self._watched():
            async with asyncio.timeout(patience_s or self._patience_s):
                return await self._protocol.ask(name, *words, prefix=prefix)

    async def _heard(self, asking: Awaitable[Answer], patience_s: float) -> Answer:
        """Wait for an answer as long as something comes. Raises TimeoutError."""
        task, protocol = asyncio.ensure_future(asking), self._protocol
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(HEARD_MOST_S):
                while True:
                    left = protocol.heard_at + patience_s - loop.time()
                    await asyncio.wait({task}, timeout=max(0.0, left))
                    if task.done():
                        return task.result()
                    if loop.time() >= protocol.heard_at + patience_s:
                        raise TimeoutError
        finally:
            task.cancel()

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
