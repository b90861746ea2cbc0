"""The parts of a mail, walked without recursion and within limits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message as Part
from typing import Any

from mail.parsing.headers import Headers
from mail.parsing.text import line

DEPTH = 50
PARTS = 1000
HEADERS_MOST = 512 * 1024
"""Bytes of headers that are looked at when the whole cannot be taken apart."""


@dataclass(frozen=True)
class Leaf:
    """A part that has no parts, or a mail within the mail."""

    part: Part
    headers: Headers
    media_type: str
    parents: tuple[int, ...]
    """Numbers of the multiparts around it, the outermost first."""
    kinds: tuple[str, ...]
    """Their subtypes."""

    @property
    def kind(self) -> str:
        """The subtype of the multipart right around it, or empty."""
        return self.kinds[-1] if self.kinds else ""

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or empty."""
        return self.headers.first("content-disposition").partition(";")[0].strip().lower()

    @property
    def content_id(self) -> str:
        """Without < >."""
        return line(self.headers.first("content-id", 1024).strip().strip("<>"), 250)


@dataclass
class Walked:
    """All of them that count, and what was left out."""

    leaves: list[Leaf] = field(default_factory=list[Leaf])
    defects: list[str] = field(default_factory=list[str])


def taken_apart(raw: bytes) -> tuple[Part, list[str]]:
    """The mail as a tree; of one nested deeper than Python can follow, only its headers."""
    try:
        return message_from_bytes(raw, policy=policy.compat32), []
    except RecursionError:
        ends = [at for at in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if at >= 0]
        head = raw[: min([*ends, HEADERS_MOST])]
        outer = message_from_bytes(head, policy=policy.compat32)
        for name in ("content-type", "content-transfer-encoding"):
            del outer[name]
        return outer, ["nested too deeply to be taken apart"]


def media_type(part: Part) -> str:
    """Like `text/plain`, lower case."""
    try:
        return part.get_content_type().lower()
    except (ValueError, IndexError, AttributeError, LookupError):
        return "application/octet-stream"


def subparts(part: Part) -> list[Part]:
    """Of a multipart or a mail within the mail."""
    payload: Any = part.get_payload()
    return [one for one in payload if isinstance(one, Part)] if part.is_multipart() else []


def walked(root: Part) -> Walked:
    """Every leaf in order; mails within the mail are leaves."""
    found = Walked()
    waiting: list[tuple[Part, tuple[int, ...], tuple[str, ...]]] = [(root, (), ())]
    seen = 0
    while waiting:
        part, parents, kinds = waiting.pop()
        seen += 1
        if seen > PARTS or len(parents) > DEPTH:
            found.defects.append("more parts, or deeper nested, than are looked at")
            break
        kind = media_type(part)
        inner = subparts(part)
        if inner and kind.startswith("multipart/"):
            around = (*parents, seen), (*kinds, kind.removeprefix("multipart/"))
            waiting += [(one, *around) for one in reversed(inner)]
        else:
            found.leaves.append(Leaf(part, Headers(part), kind, parents, kinds))
    return found


def reports(root: Part) -> Iterator[Part]:
    """The parts of a report, two levels deep at most: it is a flat thing (RFC 6522)."""
    for one in subparts(root):
        yield one
        yield from subparts(one)
