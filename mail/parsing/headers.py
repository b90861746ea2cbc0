"""The head of a mail or of a part: header fields as they came, unfolded, in order."""

import re
from dataclasses import dataclass, field

from mail.parsing import limits
from mail.parsing.charsets import codec, decoded
from mail.parsing.words import parameters, unworded

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(r"\r?\n[ \t]*")
_END = re.compile(rb"\n\r?\n|\A\r?\n")


@dataclass
class Headers:
    """Fields by lower-case name; values are undecoded text, without line ends."""

    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    defects: list[str] = field(default_factory=list[str])

    def all(self, name: str) -> list[str]:
        return [value for one, value in self.fields if one == name]

    def first(self, name: str) -> str:
        """Its value, empty when there is none."""
        return next((value for one, value in self.fields if one == name), "")

    def has(self, *names: str) -> bool:
        return any(one in names for one, _ in self.fields)

    def token(self, name: str) -> str:
        """What stands before parameters and comments, in lower case."""
        return re.split(r"[;(\s]", self.first(name).strip(), maxsplit=1)[0].strip('"').lower()

    def parameters(self, name: str) -> dict[str, str]:
        return parameters(self.first(name))

    def text(self, name: str) -> str:
        """The first one, encoded words decoded."""
        return unworded(self.first(name))


def split(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The fields that begin at `start`, and where the body does."""
    found = _END.search(raw, start, min(end, start + limits.HEAD_BYTES))
    if raw.startswith((b"\n", b"\r\n"), start):
        return Headers(), start + (1 if raw.startswith(b"\n", start) else 2)
    stop = found.start() + 1 if found else min(end, start + limits.HEAD_BYTES)
    body = found.end() if found else stop
    headers, left = _fields(raw[start:stop])
    if left is not None:
        headers.defects.append("a line among the headers that is none")
        body = start + left
    return headers, body


def _fields(block: bytes) -> tuple[Headers, int | None]:
    """The fields; where the first line stands that is none, if there is one."""
    headers, values = Headers(), list[tuple[str, list[bytes]]]()
    at, left = 0, None
    for row in block.splitlines(keepends=True) if b"\n" not in block else _lines(block):
        found = _FIELD.match(row)
        if row[:1] in b" \t" and row[:1] and values:
            values[-1][1].append(row)
        elif found:
            values.append((found[1].decode("ascii").lower(), [found[2]]))
        elif row.strip() and not row.startswith((b"From ", b">From ")):
            left = at
            break
        at += len(row)
    if len(values) > limits.HEADERS:
        headers.defects.append(f"{len(values)} headers")
    hint = _hint(values)
    for name, rows in values[: limits.HEADERS]:
        headers.fields.append((name, _value(b"".join(rows), hint)))
    return headers, left


def _lines(block: bytes) -> list[bytes]:
    return [row + b"\n" for row in block.split(b"\n")]


def _hint(values: list[tuple[str, list[bytes]]]) -> str:
    """The body's charset: who writes raw bytes in headers means that one."""
    for name, rows in values:
        if name == "content-type":
            text = b"".join(rows)[: limits.HEADER_BYTES].decode("latin-1")
            charset = parameters(text).get("charset", "")
            return "" if (codec(charset) or "utf-").startswith(("utf-", "hz")) else charset
    return ""


def _value(raw: bytes, hint: str) -> str:
    return _FOLD.sub(" ", decoded(raw[: limits.HEADER_BYTES].strip(), hint)).strip()
