"""aioimaplib's protocol with its faults cured; the one place that knows the library.

No recursion per line (a thousand lines broke it), an end for whoever waits when the line breaks,
an answer to a refused XOAUTH2, only the star in front of a line taken off, one command at a time.
"""

# The library has no types, and keeps to itself what has to be reached.
# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportOptionalMemberAccess=false

import asyncio
import logging
import re
import ssl
from typing import Any

from aioimaplib.aioimaplib import Command, IdleCommand, IMAP4ClientProtocol

from mail.parsing.charsets import clean
from mail.wire import Lost

logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.WARNING)  # it would log what it sends

ANSWER_MOST = 64 * 1024 * 1024
"""Bytes of one answer with all its literals; a server that sends or announces more is left."""
_LITERAL = re.compile(rb"\{([0-9]+)\}$")
Line = bytes | bytearray
Answer = tuple[str, list[Line]]
"""OK, NO or BAD, and the lines; literals are bytearrays."""


class Protocol(IMAP4ClientProtocol):
    """aioimaplib's, without recursion, with an end for whoever waits when the line breaks."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop)
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.greeting_text = b""
        self.challenge = b""
        self.farewell = ""
        self.heard_at = loop.time()
        """When the last bytes came, or a command was sent."""
        self._left = ANSWER_MOST

    def data_received(self, d: bytes) -> None:
        """Take the lines and literals that are complete; the rest waits for more."""
        self.heard_at = self.loop.time()
        self._left -= len(d)
        try:
            if self._left < 0:
                raise ValueError(f"more than {ANSWER_MOST:,} bytes")
            self._take(self.incomplete_line + d)
        except Exception as error:  # noqa: BLE001 - a server may say anything
            self.farewell = f"it answered what makes no sense: {error}"
            self.cut()

    def _take(self, data: bytes) -> None:
        at, command = 0, self.current_command
        while True:
            if command is not None and command.wait_literal_data():
                part = data[at : at + _missing(command)]
                command.append_literal_data(part)
                at += len(part)
                if command.wait_literal_data():
                    break
            end = data.find(b"\r\n", at)
            if end < 0:
                break
            line, at = data[at:end], end + 2
            command = self._after(line, self._handle_line(line, command))
        self.current_command, self.incomplete_line = command, data[at:]
        if self.pending_sync_command is not None:
            self.pending_sync_command.flush()

    def _after(self, line: bytes, command: Any) -> Any:
        """The command whose answer goes on after this line, or None."""
        literal = _LITERAL.search(line)
        if literal is None:
            return None
        if len(literal[1]) > 10 or int(literal[1]) > ANSWER_MOST:
            raise ValueError(f"a literal of {literal[1][:30].decode()} bytes")
        command = command or Command("NIL", "unused")
        command.begin_literal_data(int(literal[1]))
        return command

    async def welcome(self, command: bytes) -> None:
        """The greeting; then what the server can do."""
        self.greeting_text = command
        try:
            await super().welcome(command)
        except Exception as error:  # noqa: BLE001 - told to whoever waits for the greeting
            if not self.greeted.done():
                self.greeted.set_exception(Lost(f"the server greets with: {error}"))
        else:
            if not self.greeted.done():
                self.greeted.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits is told at once."""
        why = Lost(self.farewell or (str(exc) if exc else "the server closed the line"))
        if not self.greeted.done():
            self.greeted.set_exception(why)
            self.greeted.exception()  # perhaps nobody waits any more
        command = self.pending_sync_command
        if command is not None:
            command._exception = why  # noqa: SLF001 - there is no other way to fail it
            command._event.set()  # noqa: SLF001
        self.idle_queue.put_nowait([])

    async def ask(self, name: str, *words: str, prefix: str = "") -> Answer:
        """Run a command. Raises Lost."""
        return _answer(
            await self.execute(
                Command(name, self.new_tag(), *words, prefix=prefix or None, loop=self.loop)
            )
        )

    async def sign_in_plain(self, user: str, password: str) -> Answer:
        """LOGIN; `user` is quoted already."""
        return _answer(await self.login(user, password))

    async def sign_in_bearer(self, user: str, token: str) -> Answer:
        """AUTHENTICATE XOAUTH2."""
        return _answer(await self.xoauth2(user, token))

    async def idle_until_done(self) -> Answer:
        """IDLE; what is pushed goes into `pushes`, and DONE (`idle_done`) ends it."""
        return _answer(
            await self.execute(IdleCommand(self.new_tag(), self.idle_queue, loop=self.loop))
        )

    async def pushed(self, idle: "asyncio.Future[Answer]") -> bool:
        """Until a push tells of mails, or the command ends; whether one did."""
        while not idle.done():
            getting = asyncio.ensure_future(self.pushes.get())
            try:
                await asyncio.wait({getting, idle}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                told = getting.done()
                getting.cancel()
            if told and any(b"EXISTS" in one or b"EXPUNGE" in one for one in getting.result()):
                return True
        return False

    @property
    def pushes(self) -> "asyncio.Queue[list[bytes]]":
        """What the server said by itself, while idle; an empty list when the line broke."""
        return self.idle_queue

    @property
    def able(self) -> frozenset[str]:
        """What the server says it can do, upper case."""
        return frozenset(str(one).upper() for one in self.capabilities)

    async def upgrade(self, tls: ssl.SSLContext, host: str) -> None:
        """Speak TLS from here on; what came unencrypted behind the answer is nobody's."""
        self.incomplete_line = b""
        line: Any = self.transport
        self.transport = await asyncio.get_running_loop().start_tls(
            line, self, tls, server_hostname=host
        )

    def cut(self) -> None:
        """End the line at once."""
        line: Any = self.transport
        if line is not None:
            line.abort()

    async def execute(self, command: Command, scrub: str | None = None) -> Any:
        """One command at a time, answered wholly before the next."""
        if self.transport.is_closing():
            raise Lost(self.farewell or "the line is closed")
        self.pending_sync_command = command
        self.heard_at, self._left = self.loop.time(), ANSWER_MOST
        self.send(str(command), scrub=scrub)
        await command.wait()
        return command.response

    def _untagged_response(self, line: bytes) -> Any:
        """For the command under way; only the star in front is taken off."""
        text = line[2:] if line.startswith(b"* ") else line
        if text[:3].upper() == b"BYE":
            self.farewell = clean(text[3:].strip().decode("utf-8", "replace"))[:500]
        if self.pending_sync_command is not None:
            self.pending_sync_command.append_to_resp(text)
        return self.pending_sync_command

    def _continuation(self, line: bytes) -> None:
        """A refused XOAUTH2 waits for an empty answer before it says so (RFC 7628, 3.2.3)."""
        command = self.pending_sync_command
        if command is not None and command.name == "AUTHENTICATE":
            self.challenge = line
            self.transport.write(b"\r\n")
        else:
            super()._continuation(line)


def _missing(command: Any) -> int:
    return command._expected_size - len(command._resp_literal_data)  # noqa: SLF001


def _answer(response: Any) -> Answer:
    return str(response.result), list(response.lines)
