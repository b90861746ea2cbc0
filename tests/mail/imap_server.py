"""An IMAP server of one folder that does what a test tells it to: refuse, lie, hang up."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

HANG_UP = b"(hang up)"
Answer = Callable[[str, str], bytes | None]
"""From a command without its tag, and the tag, to the whole answer; None for the usual one."""


class ImapServer:
    """One folder, whatever its name is said to be."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: dict[int, bytes] = {}
        self.dates: dict[int, str] = {}
        self.next = 1
        self.uidvalidity: int = 1
        self.says_uidnext = True
        self.capabilities = "IMAP4rev1 UIDPLUS"
        self.commands: list[str] = []
        self.lines: list[asyncio.StreamWriter] = []
        self.slowly = 0.0
        """Seconds between the quarters of an answer."""
        self.instead: dict[str, Answer] = {}
        """By how a command begins: the longest that fits is asked."""

    def put(self, *raws: bytes, date: str = "01-Nov-2026 10:00:00 +0000") -> None:
        for raw in raws:
            self.mails[self.next], self.dates[self.next] = raw, date
            self.next += 1

    def refuse(self, command: str, words: str, times: int = 10**6, uid: int = 0) -> None:
        """Answer `words` to a command, so many times; with a UID, only where it is asked about."""
        left = times

        def refusal(rest: str, tag: str) -> bytes | None:
            nonlocal left
            if left == 0 or (uid and uid not in asked(rest)):
                return None
            left -= 1
            return HANG_UP if words == "" else f"{tag} {words}\r\n".encode()

        self.instead[command] = refusal

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            writer.write(f"* OK [CAPABILITY {self.capabilities}] ready\r\n".encode())
            while line := (await reader.readline()).decode().strip():
                tag, _, rest = line.partition(" ")
                self.commands.append(rest)
                said = self._answer(rest, tag)
                if said == HANG_UP:
                    break
                await self._say(writer, said)
                if rest == "IDLE" and said.startswith(b"+"):
                    await reader.readline()
                    writer.write(f"{tag} OK done\r\n".encode())
                if rest == "LOGOUT":
                    break
        writer.close()

    async def _say(self, writer: asyncio.StreamWriter, said: bytes) -> None:
        step = max(1, len(said) // 3) if self.slowly else len(said)
        for start in range(0, len(said), step or 1):
            writer.write(said[start : start + step])
            await writer.drain()
            await asyncio.sleep(self.slowly)

    def _answer(self, rest: str, tag: str) -> bytes:
        for start in sorted(self.instead, key=len, reverse=True):
            if rest.upper().startswith(start):
                said = self.instead[start](rest, tag)
                if said is not None:
                    return said
        done = "" if rest == "IDLE" else f"{tag} OK done\r\n"
        return self._usual(rest.upper()) + done.encode()

    def _usual(self, rest: str) -> bytes:
        if rest == "IDLE":
            return b"+ waiting\r\n"
        if rest == "CAPABILITY":
            return f"* CAPABILITY {self.capabilities}\r\n".encode()
        if rest.startswith(("EXAMINE", "SELECT")):
            said = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] x\r\n"
            return (said + f"* OK [UIDNEXT {self.next}] x\r\n" * self.says_uidnext).encode()
        if rest.startswith("UID SEARCH"):
            return f"* SEARCH {' '.join(map(str, self._searched(rest)))}\r\n".encode()
        if rest.startswith("UID FETCH"):
            found = [one for one in asked(rest) if one in self.mails]
            return b"".join(self._fetched(one, rest) for one in found)
        if rest.startswith("UID EXPUNGE"):
            for one in asked(rest):
                self.mails.pop(one, None)
        return b""

    def _searched(self, rest: str) -> list[int]:
        beyond = re.search(r"UID ([0-9]+):\*", rest)
        uids = sorted(self.mails)
        return (
            [one for one in uids if one >= int(beyond[1])]
            if beyond
            else [one for one in asked(rest) if one in self.mails]
        )

    def _fetched(self, uid: int, rest: str) -> bytes:
        raw = self.mails[uid]
        place = sorted(self.mails).index(uid) + 1
        said = f'* {place} FETCH (UID {uid} INTERNALDATE "{self.dates[uid]}" RFC822.SIZE {len(raw)}'
        if "BODY" not in rest:
            return f"{said})\r\n".encode()
        if "HEADER.FIELDS" in rest:
            lines = raw.split(b"\r\n\r\n")[0].split(b"\r\n")
            head = b"".join(x + b"\r\n" for x in lines if x.lower().startswith(b"message-id"))
            raw, name = head + b"\r\n", "BODY[HEADER.FIELDS (MESSAGE-ID)]"
        else:
            name = "BODY[]"
        return f"{said} {name} {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"


def asked(rest: str) -> list[int]:
    """The UIDs a command names."""
    found = re.search(r"UID (?:FETCH|EXPUNGE|STORE|MOVE|SEARCH UID) ([0-9,]+)(?:$| )", rest.upper())
    return [int(one) for one in found[1].split(",")] if found else []


@asynccontextmanager
async def imap_server() -> AsyncGenerator[ImapServer]:
    """One that runs."""
    one = ImapServer()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        for line in one.lines:
            line.transport.abort()
