"""Where each mail of an mbox begins and ends, read line by line, however large the file is."""

import re
from collections.abc import Iterator
from typing import BinaryIO

_LONGEST = 1 << 16
"""Bytes of a line that are looked at together."""
_SEPARATOR = re.compile(
    rb"From [^\r\n]{0,200}?[ \t]*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ \t]+\d{1,2}"
    rb"|\d{1,2}[ \t]+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ \t]+\d{4}),?[ \t]+"
    rb"\d{1,2}:\d\d",
)
"""An address, and a date as asctime() writes it; some write a zone, or the year, elsewhere."""
_HEADER = re.compile(rb"[!-9;-~]{1,100}:")
_GAPS = {b"\n": 1, b"\r\n": 0}
"""Blank lines before a separator, and how much of them is no part of the mail before."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def mails(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each begins and ends, without its separator and the blank line before the next.

    A separator has an address and a date, and stands after a blank line or before a header: a
    sentence that begins with "From" is none.
    """
    start: int | None = None
    for end, following in _separators(file):
        if start is not None:
            yield start, end
        start = following


def _separators(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where the mail before each ends and the one after begins; last of all the end of the file."""
    at = 0
    gap: int | None = 0
    maybe: int | None = None
    whole = True
    for row in iter(lambda: file.readline(_LONGEST), b""):
        if maybe is not None and _HEADER.match(row):
            yield maybe, at
        maybe = None
        if whole and _SEPARATOR.match(row):
            if gap is None:
                maybe = at
            else:
                yield at - gap, at + len(row)
        gap = _GAPS.get(row) if whole else None
        whole = row.endswith(b"\n")
        at += len(row)
    yield at - (gap or 0), at


def unquoted(raw: bytes) -> bytes:
    """The mail as it was before "From " at the beginning of a line was quoted (mboxrd)."""
    return _QUOTED.sub(rb"\1", raw)
