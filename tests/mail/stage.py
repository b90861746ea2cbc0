"""Mailboxes and queues of these tests, on example B."""

from typing import Any

from actions.mail_delivery import CARRYING, moved
from models.desk import Department
from models.mail_enums import (
    MailAuth,
    MailboxState,
    MailDirection,
    MailKind,
    MailSecurity,
    OutboundState,
)
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from models.sql import clock


async def mailbox(
    address: str = "immigrazione@demo.test", *departments: str, port: int = 1, **columns: Any
) -> Mailbox:
    """A mailbox that can send by this port of this machine, for Immigrazione or others."""
    made = await Mailbox.create(name=address, address=address, created_at=await clock(), **columns)
    await MailServer.create(
        mailbox_id=made.id,
        direction=MailDirection.OUT,
        host="127.0.0.1",
        port=port,
        security=MailSecurity.NONE,
        auth=MailAuth.NONE,
        state=MailboxState.OK,
    )
    for name in departments or ("Immigrazione",):
        await Department.filter(name=name).update(outgoing_mailbox_id=made.id)
    return made


async def outbox(*kinds: MailKind) -> list[OutboundMail]:
    """All mails, or those of some kinds, in order."""
    found = OutboundMail.filter(kind__in=kinds) if kinds else OutboundMail.all()
    return await found.order_by("id")


async def queued() -> list[tuple[str, str, int | None]]:
    """The queue in short: kind, to whom, of which entry."""
    return [(one.kind.value, one.recipient, one.entry_number) for one in await outbox()]


async def failed(ticket_id: int) -> None:
    """Within a unit of work: the last mail of a ticket was refused."""
    mails = OutboundMail.filter(ticket_id=ticket_id, kind__in=list(CARRYING))
    mail = await mails.order_by("-id").first()
    assert mail is not None
    await moved(mail, OutboundState.FAILED, reason="550 5.1.1")
