"""Mails that were too large to be fetched: who sent one is told, once a day."""

from datetime import timedelta

from actions import mailing
from actions.inbound_review import held
from actions.unit_of_work import unit_of_work
from models.mail_enums import InboundState, MailKind
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact
from models.sql import clock

AT_ONCE = 50


async def tell_senders_of_large() -> None:
    """Who sent what was too large is told once a day, if anybody can be."""
    untold = InboundMail.filter(state=InboundState.TOO_LARGE, attempts=0).limit(AT_ONCE)
    for row in await untold:
        await unit_of_work(lambda row=row: _tell_of_large(row.id))


async def _tell_of_large(id: int) -> None:
    row = await held(id)
    if row is None or row.attempts:
        return
    mailbox = await Mailbox.get(id=row.mailbox_id)
    row.attempts = 1
    row.department_id = mailbox.default_department_id
    await row.save(update_fields=["attempts", "department_id"])
    if row.silent or row.machine or not await _may_be_told(row.sender):
        return
    about = mailing.About(department_id=row.department_id, input={"subject": row.subject})
    await mailing.queue(MailKind.TOO_LARGE, mailing.To(row.sender), about)


async def _may_be_told(address: str) -> bool:
    """Somebody else, whom the desk listens to and has not told today."""
    if not address or await mailing.is_ours(address):
        return False
    if await Contact.filter(email=address, blocked=True).exists():
        return False
    since = await clock() - timedelta(days=1)
    told = OutboundMail.filter(kind=MailKind.TOO_LARGE, recipient=address, created_at__gt=since)
    return not await told.exists()
