"""What headers say beside the sender: ids, dates, the ways it came, who vouches for it."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mail.parsing import limits
from mail.parsing.addresses import entries, in_text, plain, recipients
from mail.parsing.headers import Headers
from mail.parsing.words import line

_ID = re.compile(r"<([^<>]{1,998})>")
_SPACE = re.compile(r"\s+")
_FOR = re.compile(r"\bfor\s+<?([^\s<>;]{1,254}@[^\s<>;]{1,254})>?")
_DELIVERED = ("x-original-to", "x-gm-original-to", "envelope-to", "delivered-to", "x-forwarded-to")
_LONGEST_ID = 250
_YEARS = range(1970, 9999)


def message_id(headers: Headers) -> str:
    """Without < >; empty for none, or for what is none."""
    value = headers.first("message-id")
    found = ids(value)
    return found[0] if found else ""


def ids(value: str) -> tuple[str, ...]:
    """The ids of a header, in its order, each once, the last 50."""
    value = value[: limits.HEADER_BYTES]
    found = _ID.findall(value)
    if not found and "<" not in value:
        found = value.split()
        found = found if len(found) == 1 else [one for one in found if "@" in one]
    tidy = (_SPACE.sub("", one).strip("<>,;\"'") for one in found)
    good = [one for one in tidy if 0 < len(one) <= _LONGEST_ID and _visible(one)]
    latest = dict.fromkeys(reversed(good))
    return tuple(reversed(list(latest)[: limits.IDS]))


def every_id(headers: Headers, name: str) -> tuple[str, ...]:
    return ids(" ".join(headers.all(name)))


def delivered_to(headers: Headers) -> tuple[str, ...]:
    """The addresses it may have come in by, the strongest first (mail.md, 2.1.7)."""
    found: list[str] = []
    for name in _DELIVERED:
        for value in headers.all(name):
            found += [one.address for one in entries(value) if one.address]
    for name in ("to", "cc"):
        found += [one.address for one in recipients(headers, name)]
    for value in reversed(headers.all("received")[-limits.IDS :]):
        found += [one for one in map(plain, _FOR.findall(value[:4000])) if one]
    return tuple(list(dict.fromkeys(found))[: limits.CANDIDATES])


def return_path(headers: Headers) -> str | None:
    """Empty for <>; None when no server noted one that can be read."""
    if not headers.has("return-path"):
        return None
    value = headers.first("return-path").strip()
    if value in ("<>", "", "< >", "<MAILER-DAEMON>"):
        return ""
    found = in_text(value[:2000])
    return found[0] if found else None


def date(headers: Headers) -> datetime | None:
    """In UTC; None for none, or for what is none."""
    try:
        found = parsedate_to_datetime(headers.first("date")[:200])
        found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
    return found if found.year in _YEARS else None


def loop_ids(headers: Headers) -> tuple[str, ...]:
    values = headers.all("x-helpdesk-loop")[: limits.IDS]
    return tuple(one for one in (line(value, limits.NAME) for value in values) if one)


def _visible(text: str) -> bool:
    return text.isprintable() and not any("\ud800" <= char <= "\udfff" for char in text)
