"""Old mail in files: an mbox, a Maildir or a folder of .eml files, read one mail at a time."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from mail import mbox
from mail.head import LENGTH, head_of

LARGEST = 25 * 1024 * 1024
"""Bytes; what is larger is noted, and not kept."""
_CHUNK = 1 << 20
_NAME = 200


class ArchiveRefused(Exception):
    """There is nothing to import there; the message says what was looked for."""


@dataclass(frozen=True)
class Place:
    """Where a mail is: in a file from one byte to another, the end of the file for None."""

    path: Path
    start: int = 0
    end: int | None = None
    quoted: bool = False
    """Lines that begin with "From " have a ">" before them."""


@dataclass(frozen=True)
class Found:
    """One mail of an archive: what it is, wherever it stands, and from when."""

    place: Place
    digest: str
    """SHA-256 of its bytes, in hexadecimal digits."""
    former: str
    """The same before quoting was undone: how it was kept by earlier versions."""
    size: int
    at: datetime

    @property
    def uid(self) -> int:
        """As many bits of the digest as its column takes."""
        return int(self.digest[:16], 16) >> 1

    @property
    def keys(self) -> frozenset[str | int]:
        """What its row is known by."""
        return frozenset([self.digest, self.former, self.uid])

    @property
    def too_large(self) -> bool:
        return self.size > LARGEST


@dataclass
class Skipped:
    """What is not imported: why, and the names of the files."""

    names: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    unreadable: bool = False
    """Something that may be a mail could not be read."""

    def add(self, why: str, path: Path | str) -> None:
        self.names.setdefault(why, []).append(printable(Path(path).name))

    def failed(self, error: OSError, path: Path | str) -> None:
        self.unreadable = True
        self.add(f"cannot be read ({error.strerror or type(error).__name__})", path)


class Archive:
    """The mails of a file or folder."""

    def __init__(self, path: Path) -> None:
        """Raises ArchiveRefused when there is no mail, and OSError when it cannot be read."""
        self.skipped = Skipped()
        self.name = printable(path.name or path.resolve().name)[:_NAME]
        self.places = _places(path, self.skipped)
        if not self.places and not self.skipped.unreadable:
            raise ArchiveRefused(
                f"{printable(str(path))} has no mail: give an mbox, a Maildir or .eml files."
            )

    def in_order(self, watch: Callable[[int, int], None]) -> list[Found]:
        """All of them once, the oldest first; `watch` is told (done, all) while they are read."""
        now = datetime.now(UTC)
        found: dict[str, Found] = {}
        for done, place in enumerate(self.places, start=1):
            one = self._read(place, now)
            if one is not None and one.digest in found:
                self.skipped.add("the same mail again", place.path)
            elif one is not None:
                found[one.digest] = one
            watch(done, len(self.places))
        return sorted(found.values(), key=lambda one: one.at)

    def raw(self, found: Found) -> bytes | None:
        """Its bytes, of one too large the head; None if it is not there any more."""
        try:
            raw = _content(found.place, LENGTH if found.too_large else LARGEST)
        except OSError as error:
            self.skipped.failed(error, found.place.path)
            return None
        if not found.too_large and sha256(raw).hexdigest() != found.digest:
            self.skipped.unreadable = True
            self.skipped.add("changed while it was read", found.place.path)
            return None
        return raw

    def _read(self, place: Place, now: datetime) -> Found | None:
        try:
            digest, size = _digest(place)
            if not size:
                self.skipped.add("empty", place.path)
                return None
            raw = _content(place, LARGEST if place.quoted and size <= LARGEST else LENGTH)
        except OSError as error:
            self.skipped.failed(error, place.path)
            return None
        restored = sha256(raw).hexdigest() if place.quoted and size <= LARGEST else digest
        return Found(place, restored, digest, size, min(head_of(raw).date or now, now))


def printable(name: str) -> str:
    """A file's name as it can be written and kept: what breaks lines or is no text becomes "?"."""
    return "".join(one if one.isprintable() else "?" for one in name)


def _places(path: Path, skipped: Skipped) -> list[Place]:
    """In an order that stays."""
    if path.is_file():
        return [Place(path)] if path.suffix.lower() == ".eml" else _in_mbox(path)
    if not path.is_dir():
        raise ArchiveRefused(f"There is no {printable(str(path))}.")
    parts = [path / part for part in ("cur", "new")]
    if any(one.is_dir() for one in parts):
        files = [one for part in parts for one in _files(part, "", skipped)]
    else:
        files = list(_files(path, ".eml", skipped))
    # Of a Maildir's name, what stands after the colon are flags, which move.
    files.sort(key=lambda one: one.name.partition(":")[0])
    return [Place(one) for one in files]


def _in_mbox(path: Path) -> list[Place]:
    with path.open("rb") as file:
        return [Place(path, start, end, quoted=True) for start, end in mbox.mails(file)]


def _files(folder: Path, ending: str, skipped: Skipped) -> Iterator[Path]:
    """The files with this ending, in folders of folders too; links to folders are not followed."""

    def failed(error: OSError) -> None:
        skipped.failed(error, error.filename or folder)

    for at, folders, names in os.walk(folder, onerror=failed):
        for one in (Path(at, name) for name in folders):
            if one.is_symlink():
                skipped.add("a link to a folder", one)
            elif one.suffix.lower() == ".eml":
                skipped.add("a folder", one)
        for one in (Path(at, name) for name in names if name.lower().endswith(ending)):
            if _is_file(one, skipped):
                yield one


def _is_file(path: Path, skipped: Skipped) -> bool:
    try:
        kind = path.stat().st_mode
    except OSError as error:
        skipped.failed(error, path)
        return False
    if not stat.S_ISREG(kind):
        skipped.add("no file", path)
    return stat.S_ISREG(kind)


def _digest(place: Place) -> tuple[str, int]:
    """Of its bytes as they stand, and how many they are."""
    digest, size = sha256(), 0
    for chunk in _chunks(place):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _content(place: Place, most: int) -> bytes:
    out = bytearray()
    for chunk in _chunks(place):
        out += chunk[: most - len(out)]
        if len(out) >= most:
            break
    return mbox.unquoted(bytes(out)) if place.quoted else bytes(out)


def _chunks(place: Place) -> Iterator[bytes]:
    with place.path.open("rb") as file:
        file.seek(place.start)
        left = place.end - place.start if place.end is not None else None
        while chunk := file.read(_CHUNK if left is None else min(_CHUNK, left)):
            left = left - len(chunk) if left is not None else None
            yield chunk
