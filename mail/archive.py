"""Old mail from files: an mbox, a Maildir or a folder of .eml files, kept as if fetched."""

import mailbox as formats
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from actions.unit_of_work import unit_of_work
from mail.head import head_of
from models.mail_enums import InboundState
from models.mails import InboundMail, RawMail
from models.sql import Statement, clock, rows

AT_ONCE = 50
"""Mails kept in one transaction."""
LARGEST = 25 * 1024 * 1024
"""Bytes; what is larger is noted, and not kept."""


class ArchiveRefused(Exception):
    """There is nothing to import there; the message says what was looked for."""


@dataclass(frozen=True)
class Found:
    """One mail of an archive: where it stands, and from when it is."""

    uid: int
    """Its place in the archive, from 1: the same each time it is read."""
    at: datetime


class Archive:
    """The mails of a file or folder, in order of their dates."""

    def __init__(self, path: Path) -> None:
        """Raises ArchiveRefused when there is no mail."""
        self._read, keys = _opened(path)
        self._keys = keys
        if not keys:
            raise ArchiveRefused(f"{path} has no mail: give an mbox, a Maildir or .eml files.")
        first = sha256(self._read(keys[0])).hexdigest()[:32]
        self.folder = f"archive:{path.name[:200]}:{first}"
        """By its name and its first mail: a file that has grown since is the same archive."""

    def __len__(self) -> int:
        return len(self._keys)

    def in_order(self, watch: Callable[[int, int], None]) -> list[Found]:
        """All of them, the oldest first; `watch` is told (done, all) while headers are read."""
        now = datetime.now(UTC)
        found: list[Found] = []
        for place, key in enumerate(self._keys, start=1):
            found.append(Found(place, dated(self._read(key), now)))
            watch(place, len(self._keys))
        return sorted(found, key=lambda one: (one.at, one.uid))

    def raw(self, found: Found) -> bytes:
        """Its bytes."""
        return self._read(self._keys[found.uid - 1])


def dated(raw: bytes, now: datetime) -> datetime:
    """When a mail was written, by its Date; now for none, a broken one, or one to come."""
    return min(head_of(raw).date or now, now)


async def keep(archive: Archive, found: list[Found], mailbox_id: int, department_id: int) -> None:
    """Rows for these mails, in one transaction; those that are there stay as they are."""

    async def do() -> None:
        now = await clock()
        for one in found:
            await _keep_one(archive, one, mailbox_id, department_id, now)

    await unit_of_work(do)


async def waiting(archive: Archive, mailbox_id: int, uids: list[int]) -> list[int]:
    """Ids of the rows of these mails that are not imported yet, in order."""
    kept = {
        row.uid: row.id
        for row in await InboundMail.filter(
            mailbox_id=mailbox_id,
            folder=archive.folder,
            uid__in=uids,
            state__in=[InboundState.RECEIVED, InboundState.FAILED],
        )
    }
    return [kept[uid] for uid in uids if uid in kept]


async def summary(archive: Archive, mailbox_id: int) -> dict[InboundState, int]:
    """What became of the archive's mails: how many are in each state."""
    to = Statement()
    sql = f"""
        SELECT state, COUNT(*) AS total FROM inbound_mail WHERE mailbox_id = {to.add(mailbox_id)}
        AND folder = {to.add(archive.folder)} GROUP BY state"""
    return {InboundState(row["state"]): row["total"] for row in await rows(sql, to)}


async def _keep_one(
    archive: Archive, one: Found, mailbox_id: int, department_id: int, now: datetime
) -> None:
    known = InboundMail.filter(
        mailbox_id=mailbox_id, folder=archive.folder, uidvalidity=0, uid=one.uid
    )
    if await known.exists():
        return
    raw = archive.raw(one)
    too_large = len(raw) > LARGEST
    digest, head = sha256(raw).hexdigest(), head_of(raw)
    if not too_large and not await RawMail.exists(sha256=digest):
        await RawMail.create(sha256=digest, content=raw)
    await InboundMail.create(
        mailbox_id=mailbox_id,
        folder=archive.folder,
        uidvalidity=0,
        uid=one.uid,
        raw_sha256="" if too_large else digest,
        message_id=head.message_id,
        sender=head.sender,
        subject=head.subject,
        state=InboundState.TOO_LARGE if too_large else InboundState.RECEIVED,
        silent=True,
        department_id=department_id,
        size=len(raw),
        received_at=one.at,
        created_at=now,
    )


def _opened(path: Path) -> tuple[Callable[[str], bytes], list[str]]:
    """How to read a mail by its key, and the keys, in an order that stays."""
    if path.is_file():
        return _mbox(path)
    if (path / "cur").is_dir() or (path / "new").is_dir():
        files = [one for part in ("cur", "new") for one in _files(path / part, "*")]
    elif path.is_dir():
        files = list(_files(path, "*.eml"))
    else:
        raise ArchiveRefused(f"There is no {path}.")
    # Of a Maildir's name, what stands after the colon are flags, which move.
    files.sort(key=lambda one: one.name.partition(":")[0])
    return lambda key: Path(key).read_bytes(), [str(one) for one in files]


def _mbox(path: Path) -> tuple[Callable[[str], bytes], list[str]]:
    box = formats.mbox(path, create=False)
    return lambda key: box.get_bytes(key), list(box.keys())


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    if folder.is_dir():
        yield from (one for one in folder.rglob(pattern) if one.is_file())
