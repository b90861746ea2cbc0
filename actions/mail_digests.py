"""Many notices to one operator become one mail."""

from datetime import datetime, timedelta
from typing import Any

from actions.mail_delivery import moved
from models.desk import Desk
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from models.sights import sights_of
from models.sql import clock
from models.tickets import Ticket

WITHIN = timedelta(minutes=10)
NOTICES = frozenset(
    {
        MailKind.NEW_TICKET,
        MailKind.ASSIGNED,
        MailKind.MENTIONED,
        MailKind.CONTACT_REPLIED,
        MailKind.SLA_BREACHED,
    }
)
_COUNTED = [*NOTICES, MailKind.DIGEST]


def _waiting(mail: OutboundMail) -> Any:
    """Notices to the same operator by the same mailbox, of which no server has heard yet."""
    return OutboundMail.filter(
        operator_id=mail.operator_id,
        mailbox_id=mail.mailbox_id,
        kind__in=list(NOTICES),
        state=OutboundState.QUEUED,
        subject=None,
    )


async def ready(mail: OutboundMail) -> bool:
    """Within a unit of work: whether a mail may go now, perhaps as a digest of others with it.

    Past so many notices within ten minutes the rest wait until the first of these is older; what
    has gathered then goes as one. False: it waits, and `next_try` says until when.
    """
    if mail.kind not in NOTICES or mail.operator_id is None or mail.subject is not None:
        return True
    until = await _full_until(mail.operator_id)
    if until is not None:
        await _waiting(mail).update(next_try=until)
        return False
    return mail.next_try is None or await _gather(mail)


async def _full_until(operator_id: int) -> datetime | None:
    """When the next may go; None for now."""
    now = await clock()
    most = (await Desk.get(id=1)).notices_before_digest
    sent: Any = OutboundMail.filter(
        operator_id=operator_id, kind__in=_COUNTED, sent_at__gt=now - WITHIN
    )
    times: list[datetime] = (
        await sent.order_by("-sent_at").limit(most).values_list("sent_at", flat=True)
    )
    return times[-1] + WITHIN if times and len(times) >= most else None


async def _gather(mail: OutboundMail) -> bool:
    """Make it the digest of all that wait: their rows go, it lists them; False for nothing left."""
    others: list[OutboundMail] = await _waiting(mail).exclude(id=mail.id).order_by("id")
    if not others:
        return True
    ids = sorted({one.ticket_id or 0 for one in (mail, *others)})
    tickets = {one.id: one for one in await Ticket.filter(id__in=ids, deleted_at=None)}
    (sight,) = await sights_of([mail.operator_id or 0])
    items = [
        {
            "kind": one.kind.value,
            "number": ticket.id,
            "subject": ticket.subject,
            "by": one.input.get("by", ""),
        }
        for one in sorted((mail, *others), key=lambda one: one.id)
        if (ticket := tickets.get(one.ticket_id or 0)) is not None and sight.sees(ticket)
    ]
    await OutboundMail.filter(id__in=[one.id for one in others]).delete()
    if not items:
        await moved(mail, OutboundState.FAILED, reason="The operator sees none of it any more.")
        return False
    mail.kind, mail.input = MailKind.DIGEST, {"items": items}
    mail.ticket_id = mail.entry_number = None
    await mail.save(update_fields=["kind", "input", "ticket_id", "entry_number"])
    return True
