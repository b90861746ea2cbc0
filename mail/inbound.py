"""The first transaction: a mail's bytes, its row in the log and the checkpoint, together.

Nothing is parsed here but a few headers, and the server's flags are neither read nor written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import structlog

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from mail.head import Head, head_of
from mail.imap import BATCH, Facts, Imap, Opened
from mail.leases import still_ours
from models.mail_enums import InboundState
from models.mailboxes import Mailbox, MailFolder, MailServer
from models.mails import InboundMail
from models.sql import Statement, clock, rows

log = structlog.get_logger()

FIRST = 100
"""The last so many mails are imported when a mailbox is read for the first time."""
LARGEST = 25 * 1024 * 1024
"""Bytes; of a larger mail only the head is fetched."""
PROGRESS_EVERY = 20


@dataclass(frozen=True)
class Place:
    """A mailbox's folder, as one process may read it."""

    mailbox: Mailbox
    server: MailServer
    owner: str
    """The lease's."""


@dataclass(frozen=True)
class Looked:
    """What a look at a folder found."""

    kept: int
    """Mails that are new."""
    uidnext: int
    """When it began: what has this number, or more, may not have been seen."""


async def look(client: Imap, place: Place, arrived: Callable[[], None]) -> Looked:
    """Keep every mail beyond the checkpoint.

    `arrived` is called for each that is kept. Raises LeaseLost, and what the client raises.
    """
    opened = await client.open(place.server.folder)
    folder = await checkpoint(client, place, opened)
    uids = await client.uids(folder.last_uid)
    kept = 0
    for start in range(0, len(uids), BATCH):
        part = uids[start : start + BATCH]
        facts = await client.facts(part)
        for done, uid in enumerate(part, start=start + 1):
            kept += await _take(client, place, folder, uid, facts.get(uid), arrived)
            if done % PROGRESS_EVERY == 0:
                await _backlog(place.server.id, len(uids) - done)
    if len(uids) >= PROGRESS_EVERY:
        await _backlog(place.server.id, 0)
    if folder.reimport_since is not None:
        kept += await _look_again(client, place, folder, arrived)
    return Looked(kept, opened.uidnext)


async def checkpoint(client: Imap, place: Place, opened: Opened) -> MailFolder:
    """How far the folder was read; begun at first, and begun anew when it was renumbered."""
    folder = await MailFolder.get_or_none(mailbox_id=place.mailbox.id, name=place.server.folder)
    if folder is None:
        return await _begin(client, place, opened)
    if folder.uidvalidity != opened.uidvalidity:
        log.warning("folder renumbered", mailbox=place.mailbox.id, uidvalidity=opened.uidvalidity)
        folder.uidvalidity = opened.uidvalidity
        folder.last_uid = 0
        folder.baseline_until = opened.uidnext - 1
        await _written(place, folder)
    return folder


async def _begin(client: Imap, place: Place, opened: Opened) -> MailFolder:
    """The last hundred, and what is as old as the oldest of them."""
    last = (await client.uids())[-FIRST:]
    dates = [one.at for one in (await client.facts(last)).values() if one.at is not None]
    now = await clock()
    folder = MailFolder(
        mailbox_id=place.mailbox.id,
        name=place.server.folder,
        uidvalidity=opened.uidvalidity,
        last_uid=last[0] - 1 if last else max(0, opened.uidnext - 1),
        baseline_at=min([*dates, now]),
    )
    await _written(place, folder)
    return folder


async def _written(place: Place, folder: MailFolder) -> None:
    async def do() -> None:
        await still_ours(place.server.id, place.owner)
        await folder.save()

    await unit_of_work(do)


async def _take(
    client: Imap,
    place: Place,
    folder: MailFolder,
    uid: int,
    facts: Facts | None,
    arrived: Callable[[], None],
) -> bool:
    """Keep one mail and move the checkpoint past it; whether there is a new row."""
    older = facts is not None and facts.at is not None and facts.at < folder.baseline_at
    if facts is None or (older and uid <= folder.baseline_until):
        await _past(place, folder, uid)
        return False
    return await _keep(client, place, folder, uid, facts, arrived)


async def _keep(
    client: Imap,
    place: Place,
    folder: MailFolder,
    uid: int,
    facts: Facts,
    arrived: Callable[[], None],
) -> bool:
    too_large = facts.size > LARGEST
    fetched = await (client.head(uid) if too_large else client.fetch(uid))
    if fetched is None:  # another program has taken it away meanwhile
        await _past(place, folder, uid)
        return False
    at = facts.at or fetched.at
    made = await unit_of_work(
        lambda: _row(place, folder, uid, fetched.raw, facts.size, at, too_large=too_large)
    )
    folder.last_uid = max(folder.last_uid, uid)
    if made:
        arrived()
    return made


async def _row(
    place: Place,
    folder: MailFolder,
    uid: int,
    raw: bytes,
    size: int,
    at: datetime | None,
    *,
    too_large: bool,
) -> bool:
    """Transaction 1; whether the mail was new."""
    await still_ours(place.server.id, place.owner)
    now = await clock()
    head, digest = head_of(raw), "" if too_large else sha256(raw).hexdigest()
    await _advance(folder, uid)
    if await _known(place, folder, uid, head, digest):
        return False
    if digest:
        await _keep_raw(digest, raw)
    received_at = min(at or now, now)
    await InboundMail.create(
        mailbox_id=place.mailbox.id,
        folder=folder.name,
        uidvalidity=folder.uidvalidity,
        uid=uid,
        raw_sha256=digest,
        message_id=head.message_id,
        sender=head.sender,
        subject=head.subject,
        machine=head.machine,
        state=InboundState.TOO_LARGE if too_large else InboundState.RECEIVED,
        reason=f"{size:,} bytes: mails may have {LARGEST:,}" if too_large else "",
        silent=received_at < place.mailbox.created_at,
        size=size,
        received_at=received_at,
        created_at=now,
    )
    record(MailboxChanged(place.mailbox.id))
    return True


async def _known(place: Place, folder: MailFolder, uid: int, head: Head, digest: str) -> bool:
    """Whether it has a row: this one, or, renumbered, the same bytes under the same id."""
    here = InboundMail.filter(mailbox_id=place.mailbox.id, folder=folder.name)
    if await here.filter(uidvalidity=folder.uidvalidity, uid=uid).exists():
        return True
    if uid > folder.baseline_until or not digest:
        return False
    same = here.filter(message_id=head.message_id, raw_sha256=digest)
    return await same.exclude(uidvalidity=folder.uidvalidity).exists()


async def _keep_raw(digest: str, raw: bytes) -> None:
    to = Statement()
    sql = f"""
        INSERT INTO raw_mail (sha256, content) VALUES ({to.add(digest)}, {to.add(raw)})
        ON CONFLICT (sha256) DO NOTHING RETURNING sha256"""
    await rows(sql, to)


async def _advance(folder: MailFolder, uid: int) -> None:
    await MailFolder.filter(id=folder.id, last_uid__lt=uid).update(last_uid=uid)


async def _past(place: Place, folder: MailFolder, uid: int) -> None:
    """There is nothing to keep under this UID."""

    async def do() -> None:
        await still_ours(place.server.id, place.owner)
        await _advance(folder, uid)

    await unit_of_work(do)
    folder.last_uid = max(folder.last_uid, uid)


async def _look_again(
    client: Imap, place: Place, folder: MailFolder, arrived: Callable[[], None]
) -> int:
    """A re-import an administrator asked for: mails since a date that have no row yet."""
    since = folder.reimport_since
    if since is None:
        return 0
    uids = [one for one in await client.uids(since=since.date()) if one <= folder.last_uid]
    here = InboundMail.filter(
        mailbox_id=place.mailbox.id, folder=folder.name, uidvalidity=folder.uidvalidity
    )
    known = {one.uid for one in await here.only("uid")}
    kept = 0
    for start in range(0, len(uids), BATCH):
        facts = await client.facts(uids[start : start + BATCH])
        for done, uid in enumerate(uids[start : start + BATCH], start=start + 1):
            found = facts.get(uid)
            wanted = found is not None and (found.at is None or found.at >= since)
            if found is not None and wanted and uid not in known:
                kept += await _keep(client, place, folder, uid, found, arrived)
            if done % PROGRESS_EVERY == 0 or done == len(uids):
                await _progress(folder, done, len(uids))
    await _reimported(folder, since)
    return kept


async def _progress(folder: MailFolder, done: int, total: int) -> None:
    async def do() -> None:
        await MailFolder.filter(id=folder.id).update(reimport_done=done, reimport_total=total)
        record(MailboxChanged(folder.mailbox_id))

    await unit_of_work(do)


async def _reimported(folder: MailFolder, since: datetime) -> None:
    """Done, unless another was asked for meanwhile; what is that old is ours from now on."""

    async def do() -> None:
        baseline = min(folder.baseline_at, since)
        await MailFolder.filter(id=folder.id, reimport_since=since).update(
            reimport_since=None, baseline_at=baseline
        )
        record(MailboxChanged(folder.mailbox_id))

    await unit_of_work(do)


async def _backlog(server_id: int, left: int) -> None:
    async def do() -> None:
        server = await MailServer.get_or_none(id=server_id)
        if server is not None and server.backlog != left:
            await MailServer.filter(id=server_id).update(backlog=left)
            record(MailboxChanged(server.mailbox_id))

    await unit_of_work(do)
