"""Mails without bytes: fetched again some hours later, and when an administrator says so."""

from datetime import timedelta
from hashlib import sha256

from tortoise.expressions import Q

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from mail.imap import Fetched
from mail.keeping import LARGEST, Reading, keep_raw, shown_head
from mail.leases import LeaseLost, still_ours
from mail.losses import MOST, reason
from models.mail_enums import InboundState
from models.mails import InboundMail
from models.sql import clock

AT_ONCE = 50
AGAIN_AFTER = {MOST + 1: timedelta(hours=4), MOST + 2: timedelta(hours=24)}
"""By itself, by the attempts made; the first time `losses.AGAIN_AFTER` after it was left behind."""


async def fetch_again(reading: Reading) -> int:
    """How many were got this time; what fails again says why. Raises what the client raises."""
    folder, got = reading.folder, 0
    asked = InboundMail.filter(
        mailbox_id=reading.place.mailbox.id,
        folder=folder.name,
        uidvalidity=folder.numbering,
        state=InboundState.FAILED,
        raw_sha256="",
    ).filter(Q(attempts=0) | Q(next_try__lte=await clock()))
    for row in await asked.order_by("id").limit(AT_ONCE):
        try:
            facts = (await reading.client.facts([row.uid])).get(row.uid)
            large = facts is not None and facts.size > LARGEST
            fetched = await (reading.client.head if large else reading.client.fetch)(row.uid)
        except LeaseLost:
            raise
        except Exception as error:
            await _noted(reading, row, reason(error))
            raise
        if fetched is None:
            await _noted(reading, row, "It is not on the server any more, or not given out.")
        else:
            await _kept(reading, row, fetched, large=large)
            reading.arrived()
            got += 1
    return got


async def _noted(reading: Reading, row: InboundMail, why: str) -> None:
    async def do() -> None:
        await still_ours(reading.place.server.id, reading.place.owner)
        attempts = max(row.attempts, MOST) + 1
        wait = AGAIN_AFTER.get(attempts)
        next_try = await clock() + wait if wait is not None else None
        tried = InboundMail.filter(id=row.id)
        await tried.update(attempts=attempts, reason=why, next_try=next_try)
        record(MailboxChanged(row.mailbox_id))

    await unit_of_work(do)


async def _kept(reading: Reading, row: InboundMail, fetched: Fetched, *, large: bool) -> None:
    async def do() -> None:
        await still_ours(reading.place.server.id, reading.place.owner)
        digest, head = sha256(fetched.raw).hexdigest(), shown_head(fetched.raw)
        if not large:
            await keep_raw(digest, fetched.raw)
        await InboundMail.filter(id=row.id).update(
            raw_sha256="" if large else digest,
            message_id=head.message_id,
            sender=head.sender,
            subject=head.subject,
            machine=head.machine,
            size=row.size if large else len(fetched.raw),
            state=InboundState.TOO_LARGE if large else InboundState.RECEIVED,
            reason=f"mails may have {LARGEST:,} bytes" if large else "",
            next_try=None,
        )
        record(MailboxChanged(row.mailbox_id))

    await unit_of_work(do)
