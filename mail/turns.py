"""Who imports what: the mails of a mailbox are one importer's, for a time, and in their order.

Two that were answered before they are in would each open a ticket; and no mail is parsed twice.
"""

from datetime import timedelta

from actions.unit_of_work import unit_of_work
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.sql import Statement, clock, instances

LEASE = timedelta(minutes=2)
"""Longer than one mail can take: past it, who had the mailbox is dead."""
RENEWED_AFTER_S = 20.0


async def take(owner: str) -> int | None:
    """A mailbox with mails to import that nobody is at, the one that waited longest first."""

    async def do() -> int | None:
        to = Statement()
        # On PostgreSQL a row that another importer is taking is passed by.
        skip = "FOR NO KEY UPDATE SKIP LOCKED" if to.postgres else ""
        sql = f"""
            SELECT m.* FROM mailbox m WHERE (m.import_until IS NULL OR m.import_until <= {to.now})
            AND EXISTS (SELECT 1 FROM inbound_mail i
                WHERE i.mailbox_id = m.id AND i.raw_sha256 <> ''
                AND (i.state = {to.add(InboundState.RECEIVED.value)}
                OR (i.state = {to.add(InboundState.FAILED.value)} AND i.next_try <= {to.now})))
            ORDER BY m.import_until NULLS FIRST, m.id LIMIT 1 {skip}"""
        found = await instances(Mailbox, sql, to)
        if not found:
            return None
        return found[0].id if await _until(found[0].id, owner, LEASE, whosever=True) else None

    return await unit_of_work(do)


async def keep(mailbox_id: int, owner: str) -> bool:
    """For longer; False when it is somebody else's by now."""
    return await unit_of_work(lambda: _until(mailbox_id, owner, LEASE))


async def give(mailbox_id: int, owner: str) -> None:
    """Others may have it; the time stays, so that all take turns."""
    await unit_of_work(lambda: _until(mailbox_id, owner, timedelta()))


async def _until(mailbox_id: int, owner: str, span: timedelta, *, whosever: bool = False) -> bool:
    mailbox = Mailbox.filter(id=mailbox_id)
    mailbox = mailbox if whosever else mailbox.filter(import_owner=owner)
    until = await clock() + span
    return bool(await mailbox.update(import_owner=owner, import_until=until))
