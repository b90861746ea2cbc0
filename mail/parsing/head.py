"""What is read of a mail before anybody parses it: enough to find it again in the log."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

from mail.parsing import addresses
from mail.parsing.headers import Headers, message_id

LENGTH = 64 * 1024
"""Bytes of a mail in which its headers are looked for."""
SUBJECT = 250


@dataclass(frozen=True)
class Head:
    """Who wrote it, under what name, and when."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    date: datetime | None = None


def head_of(raw: bytes) -> Head:
    """From the headers alone; what cannot be made out is empty."""
    head = raw[:LENGTH]
    ends = [at for at in (head.find(b"\n\n"), head.find(b"\r\n\r\n")) if at >= 0]
    try:
        part = message_from_bytes(head[: min(ends, default=len(head))], policy=policy.compat32)
        headers = Headers(part)
        return Head(
            message_id(headers),
            addresses.sender(headers).address or "",
            headers.text("subject", SUBJECT),
            date_of(headers),
        )
    except (ValueError, IndexError, LookupError, RecursionError):
        return Head()


def date_of(headers: Headers) -> datetime | None:
    """Date, in UTC; None for none that makes sense."""
    try:
        said = parsedate_to_datetime(headers.first("date", 500))
        return (said.replace(tzinfo=UTC) if said.tzinfo is None else said).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
