"""Old mail of an archive, kept as if it had been fetched: each once, however the files change."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from actions.unit_of_work import unit_of_work
from mail.archive_files import Archive, Found
from mail.head import head_of
from models.mail_enums import InboundState
from models.mails import InboundMail, RawMail
from models.sql import clock

AT_ONCE = 50
"""Mails kept in one transaction, at most."""
BYTES_AT_ONCE = 20_000_000
"""All of them, if they are several: eighteen of 20 MB took longer than a transaction may."""
_LOOKED_FOR = 500


@dataclass(frozen=True)
class Shelf:
    """Where the rows of an archive are."""

    mailbox_id: int
    department_id: int
    folder: str
    former: tuple[str, ...]
    """Folders of earlier versions, which named them by the archive's first mail too."""

    def rows(self, found: Sequence[Found]) -> QuerySet[InboundMail]:
        """Those of these mails; of one too large no digest is kept."""
        digests = {digest for one in found for digest in (one.digest, one.former)}
        ours = InboundMail.filter(mailbox_id=self.mailbox_id)
        return ours.filter(
            Q(folder__in=[self.folder, *self.former], raw_sha256__in=list(digests))
            | Q(folder=self.folder, uidvalidity=0, uid__in=[one.uid for one in found])
        )


async def shelf(name: str, mailbox_id: int, department_id: int) -> Shelf:
    """For an archive of this name: the same one, however it has grown or shrunk since."""
    folder = f"archive:{name}"
    rows = InboundMail.filter(mailbox_id=mailbox_id, folder__startswith=f"{folder}:")
    former = await rows.distinct().values_list("folder", flat=True)
    return Shelf(mailbox_id, department_id, folder, tuple(map(str, former)))


def batches(found: Sequence[Found]) -> Iterator[list[Found]]:
    """In their order, so many and so large that one transaction keeps them."""
    batch: list[Found] = []
    size = 0
    for one in found:
        bytes_kept = 0 if one.too_large else one.size
        if batch and (len(batch) >= AT_ONCE or size + bytes_kept > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += bytes_kept
    if batch:
        yield batch


async def keep(archive: Archive, batch: Sequence[Found], shelf: Shelf) -> None:
    """Rows for these mails, in one transaction; those that are there stay as they are."""
    known = _keys(await shelf.rows(batch))
    new = [one for one in batch if not known.keys() & one.keys]
    # Read before the transaction: it has ten seconds, and others wait for it.
    raws = [(one, await asyncio.to_thread(archive.raw, one)) for one in new]
    kept = [(one, raw) for one, raw in raws if raw is not None]

    async def do() -> None:
        now = await clock()
        mails = [RawMail(sha256=one.digest, content=raw) for one, raw in kept if not one.too_large]
        await RawMail.bulk_create(mails, ignore_conflicts=True)
        rows = [_row(one, raw, shelf, now) for one, raw in kept]
        await InboundMail.bulk_create(rows, ignore_conflicts=True)

    if kept:
        await unit_of_work(do)


async def waiting(batch: Sequence[Found], shelf: Shelf) -> list[int]:
    """Ids of the rows of these mails that are not imported yet, in order."""
    rows = shelf.rows(batch).filter(state__in=[InboundState.RECEIVED, InboundState.FAILED])
    ids = _keys(await rows)
    found = (ids[key] for one in batch for key in one.keys if key in ids)
    return list(dict.fromkeys(found))


async def summary(found: Sequence[Found], shelf: Shelf) -> Counter[InboundState]:
    """What became of these mails: how many are in each state."""
    counts = Counter[InboundState]()
    for start in range(0, len(found), _LOOKED_FOR):
        rows = shelf.rows(found[start : start + _LOOKED_FOR]).only("id", "state")
        counts.update([row.state for row in await rows])
    return counts


def _keys(rows: Sequence[InboundMail]) -> dict[str | int, int]:
    """Ids by digest, and by number."""
    by_digest = {row.raw_sha256: row.id for row in rows if row.raw_sha256}
    return {**by_digest, **{row.uid: row.id for row in rows if not row.raw_sha256}}


def _row(one: Found, raw: bytes, shelf: Shelf, now: datetime) -> InboundMail:
    head = head_of(raw)
    return InboundMail(
        mailbox_id=shelf.mailbox_id,
        folder=shelf.folder,
        uidvalidity=0,
        uid=one.uid,
        raw_sha256="" if one.too_large else one.digest,
        message_id=head.message_id,
        sender=head.sender,
        subject=head.subject,
        state=InboundState.TOO_LARGE if one.too_large else InboundState.RECEIVED,
        silent=True,
        department_id=shelf.department_id,
        size=one.size,
        received_at=one.at,
        created_at=now,
    )
