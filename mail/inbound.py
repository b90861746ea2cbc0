"""What a folder has beyond its checkpoint, fetched and kept; and what is to be fetched again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from mail.checkpoints import Place, checkpoint
from mail.imap import Facts, Imap
from mail.keeping import Reading
from mail.losses import parts
from mail.refetch import fetch_again
from models.mailboxes import MailFolder, MailServer
from models.mails import InboundMail

PROGRESS_EVERY = 20


@dataclass(frozen=True)
class Looked:
    """What a look at a folder found."""

    kept: int
    """Mails that are new."""
    uidnext: int
    """When it began: what has this number, or more, may not have been seen."""


async def look(client: Imap, place: Place, arrived: Callable[[], None]) -> Looked:
    """Keep every mail beyond the checkpoint.

    The checkpoint never passes a mail that is there and was not kept, or was noted as failed.
    `arrived` is called for each that is kept. Raises LeaseLost, and what the client raises.
    """
    opened = await client.open(place.server.folder)
    folder = await checkpoint(client, place, opened)
    reading = Reading(client, place, folder, opened.uidnext, arrived)
    uids = await client.uids(folder.last_uid)
    kept = done = 0
    for part in parts(folder, uids):
        facts = await reading.facts(part)
        for uid in part:
            if uid in facts:
                kept += await reading.take(uid, facts[uid])
            done += 1
            if done % PROGRESS_EVERY == 0:
                await _backlog(place.server.id, len(uids) - done)
    if len(uids) >= PROGRESS_EVERY:
        await _backlog(place.server.id, 0)
    kept += await fetch_again(reading)
    if folder.reimport_since is not None:
        kept += await look_again(reading)
    return Looked(kept, opened.uidnext)


async def look_again(reading: Reading) -> int:
    """A re-import an administrator asked for: mails since a date that have no row yet."""
    folder, since = reading.folder, reading.folder.reimport_since
    if since is None:
        return 0
    # SINCE compares the date where the server is, whatever the zone (RFC 9051, 6.4.4).
    found = await reading.client.uids(since=since.date() - timedelta(days=1))
    here = InboundMail.filter(
        mailbox_id=reading.place.mailbox.id, folder=folder.name, uidvalidity=folder.numbering
    )
    known = {one.uid for one in await here.only("uid")}
    uids = [one for one in found if one <= folder.last_uid and one not in known]
    kept = done = 0
    for part in parts(folder, uids):
        facts = await reading.facts(part)
        for uid in part:
            if uid in facts and _wanted(facts[uid], since):
                kept += await reading.take(uid, facts[uid])
            done += 1
            if done % PROGRESS_EVERY == 0 or done == len(uids):
                await _progress(folder, done, len(uids))
    await _reimported(folder, since)
    return kept


def _wanted(facts: Facts | None, since: datetime) -> bool:
    return facts is None or facts.at is None or facts.at >= since


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
