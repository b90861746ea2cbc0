"""The parts of a mail (RFC 2046): a tree over one run of bytes, of limited depth and size."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail.parsing import limits
from mail.parsing.charsets import clean, decoded
from mail.parsing.headers import Headers, split
from mail.parsing.words import base64_bytes

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,90}/[a-z0-9!#$&^_.+-]{1,90}")
_REST = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_LOOKS = re.compile(rb"\n(--[^\s-][!-~ ]{5,69})\r?\n(?=[A-Za-z-]{1,60}:|\r?\n)")
_UU = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)


@dataclass
class Part:
    """A part: where its content is, and its parts."""

    headers: Headers
    raw: bytes = field(repr=False)
    start: int
    end: int
    parts: "list[Part]" = field(default_factory=list["Part"])
    implied: str = "text/plain"
    type: str = ""
    parameters: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        said = self.headers.token("content-type")
        self.type = said if _TYPE.fullmatch(said) else "text/plain" if said else self.implied
        if said == "text":
            self.type = "text/plain"
        self.parameters = self.headers.parameters("content-type")

    @property
    def attached(self) -> bool:
        return self.headers.token("content-disposition") == "attachment"

    @property
    def file_name(self) -> str:
        """As the sender gave it; empty for none."""
        given = self.headers.parameters("content-disposition").get("filename", "")
        return given or self.parameters.get("name", "")

    @property
    def body(self) -> bytes:
        """As it stands in the mail."""
        return self.raw[self.start : self.end]

    def content(self, defects: list[str]) -> bytes:
        """Decoded by its transfer encoding, as far as it can be."""
        encoding = self.headers.token("content-transfer-encoding")
        if encoding == "base64":
            content, whole = base64_bytes(self.body)
            if not whole:
                defects.append("base64 that is not whole")
            return content
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue") and _UU.search(self.body):
            return uudecoded(self.body)
        return self.body

    def text(self, defects: list[str]) -> str:
        """The text of a text part."""
        return clean(decoded(self.content(defects), self.parameters.get("charset", "")))


def uudecoded(raw: bytes) -> bytes:
    """What stands between `begin` and `end`; lines that cannot be read are left out."""
    found = _UU.search(raw)
    out: list[bytes] = []
    for row in raw[found.end() if found else 0 :].splitlines():
        if row.strip() in (b"end", b"`"):
            break
        try:
            out.append(binascii.a2b_uu(row))
        except binascii.Error:
            continue
    return b"".join(out)


@dataclass
class Tree:
    """A mail taken apart, with what had to be left."""

    defects: list[str] = field(default_factory=list[str])
    count: int = 0

    def read(self, raw: bytes, start: int, end: int, implied: str = "text/plain") -> Part:
        """The part that these bytes are, with all in it."""
        root = self._part(raw, start, end, implied)
        open_parts = [(root, 0)]
        while open_parts:
            part, depth = open_parts.pop()
            if not part.type.startswith("multipart/"):
                continue
            if depth >= limits.DEPTH:
                self._defect("parts too deep in each other are left closed")
                continue
            self._cut(part)
            open_parts += [(one, depth + 1) for one in part.parts]
        return root

    def _part(self, raw: bytes, start: int, end: int, implied: str) -> Part:
        self.count += 1
        headers, body = split(raw, start, end)
        self.defects += headers.defects
        return Part(headers, raw, min(body, end), end, implied=implied)

    def _cut(self, part: Part) -> None:
        mark = self._mark(part)
        if not mark:
            return
        implied = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        opened: int | None = None
        closed = False
        for at, after, last in _marks(part.raw, mark, part.start, part.end):
            if opened is not None:
                self._add(part, opened, _before(part.raw, opened, at), implied)
            opened = None if last else after
            closed = last
            if closed or self.count >= limits.PARTS:
                break
        if opened is not None and self.count < limits.PARTS:
            self._add(part, opened, part.end, implied)
        if self.count >= limits.PARTS:
            self._defect("more parts than are looked at")
        if not closed:
            self._defect("a multipart that does not end")

    def _mark(self, part: Part) -> bytes:
        """What its boundaries begin with: as declared, else the first line that looks like one."""
        boundary = part.parameters.get("boundary", "").rstrip()
        if boundary:
            return b"--" + boundary.encode("utf-8", "replace")[:200]
        self._defect("a multipart without boundary")
        found = _LOOKS.search(part.raw, part.start, min(part.end, part.start + limits.TEXT_BYTES))
        return found[1] if found else b""

    def _add(self, part: Part, start: int, end: int, implied: str) -> None:
        part.parts.append(self._part(part.raw, start, end, implied))

    def _defect(self, what: str) -> None:
        if what not in self.defects:
            self.defects.append(what)


def _marks(raw: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """The lines that are this boundary: where each begins and ends, whether it is the last."""
    at = raw.find(mark, start, end)
    while at >= 0:
        found = _REST.match(raw, at + len(mark), end)
        if found and (at == start or raw[at - 1] == 10):
            yield at, found.end(), bool(found[1])
        at = raw.find(mark, at + len(mark), end)


def _before(raw: bytes, start: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if end > start and raw[end - 1] == 10:
        end -= 1
    return end - 1 if end > start and raw[end - 1] == 13 else end
