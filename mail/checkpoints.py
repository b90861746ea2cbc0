"""How far a folder was read: begun at first, and anew when its numbers come to mean other mails."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from actions.unit_of_work import unit_of_work
from mail.head import head_of
from mail.imap import Imap, Known, Opened
from mail.leases import still_ours
from models.mailboxes import Mailbox, MailFolder, MailServer
from models.mails import InboundMail
from models.sql import clock

log = structlog.get_logger()

FIRST = 100
"""The last so many mails are imported when an account is read for the first time."""
COMPARED = 20
"""Mails by which an account is known again."""


@dataclass(frozen=True)
class Place:
    """A mailbox's folder, as one process may read it."""

    mailbox: Mailbox
    server: MailServer
    owner: str
    """The lease's."""

    @property
    def account(self) -> str:
        """Whose mails are read, and where."""
        server = self.server
        return f"{server.username or self.mailbox.address}@{server.host}:{server.port}"

    @property
    def set_up_at(self) -> datetime:
        """Since when this account and folder are to be read."""
        return self.server.configured_at or self.mailbox.created_at


async def checkpoint(client: Imap, place: Place, opened: Opened) -> MailFolder:
    """How far the folder was read.

    Of another account nothing is known, whatever its UIDVALIDITY: servers that count from 1 are
    many. But another port or name of the same server leads to the same mails. One that has gone
    back to UIDs it gave out before was restored from a backup.
    """
    name = place.server.folder
    folder = await MailFolder.get_or_none(mailbox_id=place.mailbox.id, name=name)
    if folder is None:
        new = MailFolder(mailbox_id=place.mailbox.id, name=name, generation=0)
        return await _begin(client, place, opened, new)
    moved = bool(folder.account) and folder.account != place.account
    if moved and not await _the_same(client, place, folder, opened):
        log.warning("another account", mailbox=place.mailbox.id)
        folder.generation += 1
        return await _begin(client, place, opened, folder)
    if folder.uidvalidity != opened.uidvalidity or await _gone_back(client, folder, opened):
        await renumbered(client, place, folder, opened)
    elif folder.account != place.account:
        folder.account = place.account
        await _written(place, folder)
    return folder


async def renumbered(client: Imap, place: Place, folder: MailFolder, opened: Opened) -> None:
    """Begin anew with the same mails: those that are known are told by their bytes."""
    log.warning("folder renumbered", mailbox=place.mailbox.id, uidvalidity=opened.uidvalidity)
    folder.generation += 1
    folder.account = place.account
    folder.uidvalidity, folder.last_uid = opened.uidvalidity, 0
    folder.baseline_until = await _last(client, opened)
    folder.lost_uid, folder.losses = 0, 0
    await _written(place, folder)


def silent_before(place: Place, folder: MailFolder) -> datetime:
    """Nobody is told of mails from before."""
    return folder.began_at or place.mailbox.created_at


async def advance(folder: MailFolder, uid: int) -> None:
    """Within a unit of work: what is up to there is done with."""
    await MailFolder.filter(id=folder.id, last_uid__lt=uid).update(last_uid=uid)


async def past(place: Place, folder: MailFolder, uid: int) -> None:
    """Go past a mail that is not to be kept."""

    async def do() -> None:
        await still_ours(place.server.id, place.owner)
        await advance(folder, uid)

    await unit_of_work(do)
    folder.last_uid = max(folder.last_uid, uid)


async def _begin(client: Imap, place: Place, opened: Opened, folder: MailFolder) -> MailFolder:
    """The last hundred, and what is as old as the oldest of them."""
    last = (await client.uids())[-FIRST:]
    dates = await client.dates(last)
    top, now = await _last(client, opened), await clock()
    was = folder.began_at or place.mailbox.created_at
    again = folder.pk is not None
    folder.began_at = now if again and place.set_up_at <= was else place.set_up_at
    folder.account, folder.uidvalidity = place.account, opened.uidvalidity
    folder.last_uid = last[0] - 1 if last else top
    folder.baseline_at = min([*dates, now])
    folder.baseline_until = top if again else 0
    folder.lost_uid, folder.losses = 0, 0
    await _written(place, folder)
    return folder


def is_another(row: InboundMail, found: Known | None) -> bool:
    """Whether what stands under a row's number says that it is another mail."""
    says = head_of(found.message_id).message_id if found is not None else ""
    return bool(says and row.message_id and says != row.message_id)


def is_its(row: InboundMail, found: Known) -> bool:
    """Whether it is the row's mail: by its Message-ID, or by its size where it has none."""
    says = head_of(found.message_id).message_id
    return bool(says and says == row.message_id) or found.size == row.size


async def _the_same(client: Imap, place: Place, folder: MailFolder, opened: Opened) -> bool:
    """Whether the latest mails that are known are there, under their numbers."""
    if folder.uidvalidity != opened.uidvalidity:
        return False
    rows = InboundMail.filter(
        mailbox_id=place.mailbox.id, folder=folder.name, uidvalidity=folder.numbering
    ).exclude(raw_sha256="")
    latest = {one.uid: one for one in await rows.order_by("-uid").limit(COMPARED)}
    found = await client.known(sorted(latest))
    return bool(found) and all(is_its(latest[uid], one) for uid, one in found.items())


async def _gone_back(client: Imap, folder: MailFolder, opened: Opened) -> bool:
    """Whether UIDs are given out again; UIDNEXT alone may be stale, or nonsense."""
    if not 0 < opened.uidnext <= folder.last_uid:
        return False
    return not await client.still([folder.last_uid])


async def _last(client: Imap, opened: Opened) -> int:
    """The highest UID there may be; not every server says it."""
    if opened.uidnext:
        return opened.uidnext - 1
    return max(await client.uids(), default=0)


async def _written(place: Place, folder: MailFolder) -> None:
    """All but a re-import, which may be asked for meanwhile."""
    fields = ["generation", "account", "began_at", "uidvalidity", "last_uid", "baseline_at",
              "baseline_until", "lost_uid", "losses"]  # fmt: skip

    async def do() -> None:
        await still_ours(place.server.id, place.owner)
        await folder.save(update_fields=fields if folder.pk is not None else None)

    await unit_of_work(do)
