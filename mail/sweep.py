"""Deleting on the server what has been imported, where the mailbox says so; nothing else, ever."""

from collections.abc import Sequence

import structlog

from actions.unit_of_work import unit_of_work
from mail.checkpoints import Place, is_another, is_its, renumbered
from mail.imap import Imap, Opened
from mail.leases import still_ours
from models.mail_enums import FINAL_INBOUND
from models.mailboxes import MailFolder
from models.mails import InboundMail
from models.sql import clock

log = structlog.get_logger()

AT_ONCE = 200


async def sweep(client: Imap, place: Place) -> int:
    """Delete the mails of rows in a final state; how many.

    Only while the folder still has the numbers the rows were read under, and only what is the
    row's mail by its Message-ID, or by its size where it has none. Where another mail is found
    under a number, the folder is read anew. Interrupted anywhere, the next sweep goes on. Raises
    Refused where the server can delete nothing by itself.
    """
    folder = await MailFolder.get_or_none(mailbox_id=place.mailbox.id, name=place.server.folder)
    if folder is None or folder.account not in {"", place.account}:
        return 0
    swept = after = 0
    while waiting := await _waiting(place, folder, after):
        opened = await client.open(place.server.folder, read_only=False)
        if opened.uidvalidity != folder.uidvalidity or 0 < opened.uidnext <= folder.last_uid:
            return swept
        after = waiting[-1].uid
        same = await _same(client, place, folder, opened, waiting)
        if same is None:
            return swept
        await unit_of_work(lambda: still_ours(place.server.id, place.owner))
        await client.remove([one.uid for one in same])
        await _note([one.id for one in same])
        swept += len(same)
    return swept


async def _same(
    client: Imap, place: Place, folder: MailFolder, opened: Opened, waiting: Sequence[InboundMail]
) -> list[InboundMail] | None:
    """Those whose mail is theirs, or gone; None when a number is another mail's."""
    known = await client.known([one.uid for one in waiting])
    same: list[InboundMail] = []
    for row in waiting:
        found = known.get(row.uid)
        if is_another(row, found):
            log.warning("another mail under a number", mailbox=place.mailbox.id, uid=row.uid)
            await renumbered(client, place, folder, opened)
            return None
        if found is None or is_its(row, found):
            same.append(row)
    return same


async def _waiting(place: Place, folder: MailFolder, after: int) -> list[InboundMail]:
    """Rows whose mail may go."""
    found: list[InboundMail] = await (
        InboundMail.filter(
            mailbox_id=place.mailbox.id,
            folder=folder.name,
            uidvalidity=folder.numbering,
            uid__gt=after,
            state__in=sorted(FINAL_INBOUND),
            removed_at=None,
        )
        .order_by("uid")
        .limit(AT_ONCE)
    )
    return found


async def _note(ids: list[int]) -> None:
    async def do() -> None:
        await InboundMail.filter(id__in=ids).update(removed_at=await clock())

    await unit_of_work(do)
