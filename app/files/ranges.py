"""Which part of a file is asked for, and whether the asker has it already (RFC 9110)."""

import re
from dataclasses import dataclass

RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range lies outside the file."""


@dataclass(frozen=True)
class Slice:
    """The bytes from `start` to before `end` of `size`."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        """Number of bytes."""
        return self.end - self.start

    @property
    def content_range(self) -> str:
        """The value of Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def part(range: str | None, if_range: str | None, etag: str, size: int) -> Slice | None:
    """The part asked for; None for the whole. Raises Unsatisfiable.

    What is no single range of bytes is ignored, as is a range of another version of the file.
    """
    asked = RANGE.fullmatch(range or "")
    if asked is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last, suffix = asked.groups()
    if suffix is not None:
        start, end = max(size - int(suffix), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return Slice(start, end, size)


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the asker has this version, by weak comparison."""
    if if_none_match is None:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)
