"""Answers of IMAP servers, read: what our commands get back (RFC 9051, 7)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mail.folder_names import Folder, encoded, listed, quoted
from mail.imap_fetch import Items
from mail.imap_protocol import Line
from mail.parsing.charsets import clean
from mail.wire import Lost

MOST = 2**32 - 1
"""Of what a server numbers (RFC 9051, 9: nz-number)."""
TEXT_LIMIT = 500
NUMBER = re.compile(rb"[0-9]+")
UIDVALIDITY = re.compile(rb"\[UIDVALIDITY ([0-9]+)\]", re.IGNORECASE)
UIDNEXT = re.compile(rb"\[UIDNEXT ([0-9]+)\]", re.IGNORECASE)
EXISTS = re.compile(rb"([0-9]+) EXISTS", re.IGNORECASE)
PASSING = re.compile(
    r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|THROTTLED|OVERQUOTA)\]|\[ALERT\] too many"
    r"|server (busy|unavailable)|bandwidth limit",
    re.IGNORECASE,
)
"""What a server says (RFC 5530, and the large ones) when it is no fault of ours, and passes."""
BUSY = re.compile(
    r"\[(UNAVAILABLE|INUSE|THROTTLED|OVERQUOTA|LIMIT)\]|\[ALERT\] too many"
    r"|server (busy|unavailable)|bandwidth limit|not connected",
    re.IGNORECASE,
)
"""Of these, what a server says for itself as a whole, not for one mail."""


@dataclass(frozen=True)
class Opened:
    """A folder as it was when it was opened."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True)
class Facts:
    """What is known of a mail before it is fetched."""

    size: int
    """Bytes."""
    at: datetime | None
    """When the server got it, if it says so."""


@dataclass(frozen=True)
class Known:
    """By what a mail on the server is told from another."""

    message_id: bytes
    """The header's lines; empty for none."""
    size: int


@dataclass(frozen=True)
class Fetched:
    """A mail's bytes and when the server got it, if it says so."""

    raw: bytes
    at: datetime | None


def named(folder: str) -> str:
    return quoted(encoded(folder)).decode()


def listing(lines: list[Line]) -> list[Folder]:
    """The folders in an answer to LIST."""
    following = [*lines[1:], b""]
    found = (
        listed(b"* " + bytes(line), bytes(after) if isinstance(after, bytearray) else None)
        for line, after in zip(lines, following, strict=True)
        if not isinstance(line, bytearray)
    )
    return [one for one in found if one is not None]


def folders(lines: list[Line]) -> list[str]:
    """The names in an answer to LIST that can be opened."""
    return [one.name for one in listing(lines) if one.selectable]


def number(pattern: "re.Pattern[bytes]", text: bytes) -> int:
    """What stands there, 0 for nothing. Raises Lost for what no server may say."""
    found = pattern.search(text)
    return counted(found[1]) if found else 0


def counted(digits: bytes) -> int:
    """A number of 32 bits. Raises Lost for a larger one."""
    if len(digits) > 10 or int(digits) > MOST:
        shown = digits[:30].decode("ascii", "replace")
        raise Lost(f"it says {shown}, where numbers end at {MOST:,}")
    return int(digits)


def facts_in(items: Items) -> Facts | None:
    """Size and date; None when the size is missing."""
    size = items.get("RFC822.SIZE", b"")
    if not size.isdigit() or len(size) > 18:
        return None
    return Facts(int(size), internaldate(items.get("INTERNALDATE", b"")))


def internaldate(said: bytes) -> datetime | None:
    """None for none, or one that cannot be."""
    try:
        text = said[:40].decode("ascii", "replace").strip().replace("-", " ", 2)
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def said(lines: list[Line]) -> str:
    """What the server said last, for people."""
    return words(bytes(lines[-1])) if lines else "no reason given"


def words(raw: bytes) -> str:
    """A server's words, as they can be stored and shown."""
    return clean(raw.decode("utf-8", "replace"))[:TEXT_LIMIT]
