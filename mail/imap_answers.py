"""Answers of IMAP servers, read: what our commands get back (RFC 9051, 7)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mail.folder_names import encoded, listed, quoted
from mail.imap_protocol import Line

NUMBER = re.compile(rb"[0-9]+")
UIDVALIDITY = re.compile(rb"\[UIDVALIDITY ([0-9]+)\]", re.IGNORECASE)
UIDNEXT = re.compile(rb"\[UIDNEXT ([0-9]+)\]", re.IGNORECASE)
EXISTS = re.compile(rb"([0-9]+) EXISTS", re.IGNORECASE)
UID = re.compile(rb"\bUID ([0-9]+)", re.IGNORECASE)
SIZE = re.compile(rb"RFC822\.SIZE ([0-9]+)", re.IGNORECASE)
DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"', re.IGNORECASE)


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
class Fetched:
    """A mail's bytes and when the server got it, if it says so."""

    raw: bytes
    at: datetime | None


def named(folder: str) -> str:
    return quoted(encoded(folder)).decode()


def folders(lines: list[Line]) -> list[str]:
    """The names in an answer to LIST that can be opened."""
    following = [*lines[1:], b""]
    found = (
        listed(b"* " + bytes(line), bytes(after) if isinstance(after, bytearray) else None)
        for line, after in zip(lines, following, strict=True)
        if not isinstance(line, bytearray)
    )
    return [one.name for one in found if one is not None and one.selectable]


def number(pattern: "re.Pattern[bytes]", text: bytes) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0


def internaldate(line: bytes) -> datetime | None:
    found = DATE.search(line)
    if found is None:
        return None
    try:
        text = found[1].decode("ascii", "replace").strip().replace("-", " ", 2)
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def said(lines: list[Line]) -> str:
    """What the server said last, for people."""
    return bytes(lines[-1]).decode("utf-8", "replace")[:500] if lines else "no reason given"
