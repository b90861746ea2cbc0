"""IMAP, as far as the desk speaks it: typed, with errors of our own.

One connection, used by one task at a time (`mail.imap_session`).
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, datetime

from mail.folder_names import Folder
from mail.imap_answers import (
    BUSY,
    EXISTS,
    NUMBER,
    UIDNEXT,
    UIDVALIDITY,
    Facts,
    Fetched,
    Known,
    Opened,
    counted,
    facts_in,
    internaldate,
    listing,
    named,
    number,
    said,
)
from mail.imap_fetch import Items, by_uid, content
from mail.imap_protocol import Line
from mail.imap_session import Session
from mail.wire import Busy, Gone, Lost, Refused

FETCH_PATIENCE_S = 120.0
"""Since the last byte: a large mail on a slow line may take long."""
BATCH = 200
"""UIDs of one command."""
HEAD = 64 * 1024
"""Bytes that are fetched of a mail too large to fetch."""
_TRASH = re.compile(r"(?i)trash|deleted|papierkorb|cestino")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Imap(Session):
    """A connection to a mail server, typed, with errors of our own (`mail.wire`)."""

    _idles = True

    async def folders(self) -> list[str]:
        """The names of all folders that can be opened, decoded."""
        return [one.name for one in await self._listing()]

    async def open(self, folder: str, *, read_only: bool = True) -> Opened:
        """Raises Gone when there is no such folder, or none that can be followed; Lost."""
        name = "EXAMINE" if read_only else "SELECT"
        result, lines = await self._run(name, named(folder))
        if result != "OK":
            again = await self._as_listed(name, folder)
            if again is None:
                raise Gone(f"the folder {folder} cannot be opened: {said(lines)}")
            lines = again
        text = b"\n".join(bytes(one) for one in lines)
        validity = number(UIDVALIDITY, text)
        if not validity:
            raise Gone(f"the folder {folder} has no UIDVALIDITY: it cannot be followed")
        return Opened(validity, number(UIDNEXT, text), number(EXISTS, text))

    async def uids(self, after: int = 0, *, since: date | None = None) -> list[int]:
        """The UIDs beyond this one, ascending; of mails since a day, if one is given."""
        day = f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else ""
        # n:* always has the last one, even when it is below n (RFC 9051, 9).
        return sorted(one for one in await self._search(f"{after + 1}:*{day}") if one > after)

    async def still(self, uids: Sequence[int]) -> set[int]:
        """Which of these are there."""
        return (await self._search(",".join(map(str, uids)))) & set(uids) if uids else set()

    async def facts(self, uids: Sequence[int]) -> dict[int, Facts]:
        """Size and date of these; not of those that are gone, nor of which it says too little."""
        found: dict[int, Facts] = {}
        for part in _batches(uids):
            items = await self._ask(part, "INTERNALDATE RFC822.SIZE")
            facts = {uid: facts_in(one) for uid, one in items.items()}
            found |= {uid: one for uid, one in facts.items() if one is not None}
        return found

    async def dates(self, uids: Sequence[int]) -> list[datetime]:
        """When the server got these, as far as it says so."""
        asked = [await self._ask(part, "INTERNALDATE") for part in _batches(uids)]
        found = [
            internaldate(one.get("INTERNALDATE", b"")) for part in asked for one in part.values()
        ]
        return [one for one in found if one is not None]

    async def known(self, uids: Sequence[int]) -> dict[int, Known]:
        """By what these are told from others; not of those that are gone."""
        found: dict[int, Known] = {}
        for part in _batches(uids):
            wanted = "RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
            for uid, items in (await self._ask(part, wanted)).items():
                facts = facts_in(items)
                found[uid] = Known(content(items) or b"", facts.size if facts else -1)
        return found

    async def fetch(self, uid: int) -> Fetched | None:
        """The whole mail, left unread; None when the server gives none."""
        return await self._fetched(uid, "BODY.PEEK[]")

    async def head(self, uid: int) -> Fetched | None:
        """Its first 64 kB."""
        return await self._fetched(uid, f"BODY.PEEK[]<0.{HEAD}>")

    async def _fetched(self, uid: int, what: str) -> Fetched | None:
        items = (await self._ask([uid], f"INTERNALDATE {what}")).get(uid, {})
        raw = content(items)
        if raw is None:
            return None
        return Fetched(raw, internaldate(items.get("INTERNALDATE", b"")))

    async def _ask(self, uids: Sequence[int], what: str) -> dict[int, Items]:
        """FETCH. Raises Lost when it is refused, unless because some are gone (RFC 9051, 7.1)."""
        part = ",".join(map(str, uids))
        patience_s = max(FETCH_PATIENCE_S, self._patience_s)
        with self._watched():
            result, lines = await self._heard(
                self._protocol.ask("FETCH", part, f"(UID {what})", prefix="UID"), patience_s
            )
        why = said(lines)
        if result != "OK" and "[EXPUNGEISSUED]" not in why.upper():
            raise (Busy if BUSY.search(why) else Lost)(f"FETCH failed: {why}")
        return by_uid(lines)

    async def _search(self, uids: str) -> set[int]:
        result, lines = await self._run("SEARCH", f"UID {uids}", prefix="UID")
        if result != "OK":
            raise Lost(f"SEARCH failed: {said(lines)}")
        found: set[int] = set()
        for line in lines[:-1]:
            if bytes(line[:6]).upper() == b"SEARCH":
                found |= {counted(one) for one in NUMBER.findall(bytes(line))}
        return found

    async def _listing(self) -> list[Folder]:
        result, lines = await self._run("LIST", '""', '"*"')
        if result != "OK":
            raise Lost(f"LIST failed: {said(lines)}")
        return [one for one in listing(lines) if one.selectable]

    async def _as_listed(self, name: str, folder: str) -> list[Line] | None:
        """Open a folder by the name the server wrote, which may be no modified UTF-7."""
        wanted = [one.sent() for one in await self._listing() if one.name == folder]
        for one in wanted:
            if one and one != named(folder):
                result, lines = await self._run(name, one)
                if result == "OK":
                    return lines
        return None

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself (RFC 2177), and did when asked to."""
        return self._idles and "IDLE" in self.capabilities

    async def idle(self, seconds: float) -> bool:
        """Wait until something happens in the folder, at most so long; whether it did.

        A server that ends it by itself, or refuses, is not asked again on this line.
        """
        protocol = self._protocol
        while not protocol.pushes.empty():
            protocol.pushes.get_nowait()
        with self._watched():
            idle = asyncio.ensure_future(protocol.idle_until_done())
            try:
                async with asyncio.timeout(seconds):
                    told = await protocol.pushed(idle)
            except TimeoutError:
                told = False
            except asyncio.CancelledError:  # nobody waits any more: the line is of no use either
                idle.cancel()
                self.close()
                raise
            if idle.done():
                self._idles = False
            else:
                protocol.idle_done()
            async with asyncio.timeout(self._patience_s):
                await idle
        return told

    async def remove(self, uids: Sequence[int]) -> None:
        """Delete just these from the folder, open for writing: by UIDPLUS, else into the trash.

        Never by a plain EXPUNGE, which takes what another program has marked. Raises Refused when
        the server can do neither.
        """
        for uids_at_once in _batches(uids):
            part = ",".join(map(str, uids_at_once))
            if "UIDPLUS" in self.capabilities:
                await self._must("STORE", part, r"+FLAGS.SILENT (\Deleted)", prefix="UID")
                await self._must("EXPUNGE", part, prefix="UID")
            elif "MOVE" in self.capabilities:
                await self._must("MOVE", part, await self._trash(), prefix="UID")
            else:
                raise Refused("the server has neither UIDPLUS nor MOVE: nothing is deleted")

    async def _trash(self) -> str:
        """As it is sent: the one that is said to be it (RFC 6154), else the first by its name."""
        found = [(one, one.sent()) for one in await self._listing()]
        said = [sent for one, sent in found if sent and one.flagged("\\trash")]
        called = [sent for one, sent in found if sent and _TRASH.search(one.name)]
        for one in said + called:
            return one
        raise Refused("the server has no folder for deleted mail: nothing is deleted")

    async def _must(self, name: str, *words: str, prefix: str = "") -> None:
        result, lines = await self._run(name, *words, prefix=prefix)
        if result != "OK":
            raise Refused(f"{name} failed: {said(lines)}")


def _batches(uids: Sequence[int]) -> list[Sequence[int]]:
    return [uids[start : start + BATCH] for start in range(0, len(uids), BATCH)]
