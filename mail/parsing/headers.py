"""The headers of a mail by name, raw; encoded words (RFC 2047) decoded where they are text."""

import binascii
import re
from base64 import b64decode
from email.message import Message
from quopri import decodestring

from mail.parsing.text import clean, decoded, line, of_header

LENGTH = 16_384
"""Characters of a header that are looked at; lists of addresses may be longer."""
IDS = 50
_WORD = re.compile(r"=\?([^?\s]{1,75})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(
    r"(=\?[^?\s]{1,75}\?[bBqQ]\?[^?]*\?=)\s+(?==\?[^?\s]{1,75}\?[bBqQ]\?[^?]*\?=)"
)
_ID = re.compile(r"<([^<>\s]{1,500})>")
_ID_LIMIT = 250


class Headers:
    """All headers of a mail or of one of its parts."""

    def __init__(self, part: "Message") -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in part.raw_items():
            self._all.setdefault(str(name).lower(), []).append(str(value))

    def raw(self, name: str, limit: int = LENGTH) -> list[str]:
        """Every header of this name, unfolded, undecoded."""
        found = self._all.get(name.lower(), [])
        return [of_header(one[:limit]).replace("\n", " ").strip() for one in found]

    def first(self, name: str, limit: int = LENGTH) -> str:
        """The first, or the empty string."""
        return next(iter(self.raw(name, limit)), "")

    def has(self, name: str) -> bool:
        """Whether there is one."""
        return name.lower() in self._all

    def text(self, name: str, limit: int) -> str:
        """The first, decoded, on one line."""
        return line(unfolded(self.first(name)), limit)

    def ids(self, name: str) -> tuple[str, ...]:
        """Message-IDs in it, each once, without < >: the last fifty."""
        found: list[str] = []
        for raw in self.raw(name, LENGTH * 4):
            found += [one for one in _ID.findall(raw) if "@" in one] or _bare_ids(raw)
        unique = dict.fromkeys(one[:_ID_LIMIT] for one in found)
        return tuple(unique)[-IDS:]


def _bare_ids(raw: str) -> list[str]:
    """Some write them without < >."""
    words = (one.strip("<>,;\"'") for one in raw.split())
    return [one for one in words if 3 <= len(one) <= _ID_LIMIT and one.count("@") == 1]


def message_id(headers: Headers) -> str:
    """The Message-ID, as good as it is; empty for none."""
    raw = headers.first("message-id", 2048)
    found = _ID.findall(raw)
    said = found[0] if found else "".join(raw.strip().strip("<>").split())
    return said[:_ID_LIMIT] if said.strip("<>") else ""


def unfolded(raw: str) -> str:
    """Text with its encoded words decoded."""
    return clean(_WORD.sub(_word, _BETWEEN.sub(r"\1", raw)))


def _word(found: "re.Match[str]") -> str:
    charset, how, text = found.groups()
    charset = charset.partition("*")[0]
    content = text.encode("utf-8", "replace")
    try:
        if how in "bB":
            return decoded(b64decode(content + b"=" * (-len(content) % 4)), charset)
        return decoded(decodestring(content, header=True), charset)
    except (binascii.Error, ValueError):
        return found[0]
