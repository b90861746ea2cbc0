"""Deleting on the server what has been imported, where the mailbox says so; nothing else, ever."""

from actions.unit_of_work import unit_of_work
from mail.imap import Imap
from mail.inbound import Place
from mail.leases import still_ours
from models.mail_enums import FINAL_INBOUND
from models.mailboxes import MailFolder
from models.mails import InboundMail
from models.sql import clock

AT_ONCE = 200


async def sweep(client: Imap, place: Place) -> int:
    """Delete the mails of rows in a final state; how many.

    Only while the folder still has the numbers the rows were read under. Interrupted anywhere, the
    next sweep goes on. Raises Refused where the server can delete nothing by itself.
    """
    folder = await MailFolder.get_or_none(mailbox_id=place.mailbox.id, name=place.server.folder)
    if folder is None:
        return 0
    swept = 0
    while waiting := await _waiting(place, folder):
        opened = await client.open(place.server.folder, read_only=False)
        if opened.uidvalidity != folder.uidvalidity:
            return swept
        await unit_of_work(lambda: still_ours(place.server.id, place.owner))
        await client.remove([one.uid for one in waiting])
        await _note([one.id for one in waiting])
        swept += len(waiting)
    return swept


async def _waiting(place: Place, folder: MailFolder) -> list[InboundMail]:
    """Rows whose mail may go."""
    found: list[InboundMail] = await (
        InboundMail.filter(
            mailbox_id=place.mailbox.id,
            folder=folder.name,
            uidvalidity=folder.uidvalidity,
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
