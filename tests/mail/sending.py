"""Queues that are sent in tests: what is put in, what became of it, and time that has passed."""

from datetime import timedelta

from actions import mailing, tickets
from actions.mailing import About, To
from actions.tickets.requests import Reply
from actions.unit_of_work import unit_of_work
from mail.outbox import OutboxWorker
from models.desk import Department
from models.enums import DeliveryState
from models.mail_enums import MailDirection, MailKind, OutboundState
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from models.people import Operator
from models.sql import clock
from tests.actions import stage
from tests.mail.stage import mailbox

SENT, QUEUED, FAILED = OutboundState.SENT, OutboundState.QUEUED, OutboundState.FAILED
UNCERTAIN, SENDING = OutboundState.UNCERTAIN, OutboundState.SENDING
FAR = timedelta(days=1)


def worker() -> OutboxWorker:
    return OutboxWorker(timeout_s=1.0, content_timeout_s=1.0)


async def replied(port: int, text: str = "ecco") -> OutboundMail:
    """A reply in the queue, and nothing else."""
    if not await Mailbox.exists():
        await mailbox(port=port)
        await Department.all().update(notify_members=False)
    id = await stage.opened()
    await tickets.reply(Reply(id, text), await stage.operator("anna"))
    return (await OutboundMail.all().order_by("-id"))[0]


async def notice(count: int = 1) -> list[OutboundMail]:
    """Mails of no ticket to an operator."""
    anna = To.operator(await Operator.get(name="Anna"))
    about = About(department_id=await stage.department("Immigrazione"))
    made = [
        await unit_of_work(lambda: mailing.queue(MailKind.MAILBOX_ALERT, anna, about))
        for _ in range(count)
    ]
    return [one for one in made if one is not None]


async def state(mail: OutboundMail) -> OutboundState:
    return (await OutboundMail.get(id=mail.id)).state


async def shown(mail: OutboundMail) -> DeliveryState | None:
    return (await stage.timeline(mail.ticket_id or 0))[(mail.entry_number or 0) - 1].delivery


async def server_row() -> MailServer:
    return await MailServer.get(direction=MailDirection.OUT)


async def later() -> None:
    """Whatever waits for its time has reached it."""
    await OutboundMail.exclude(next_try=None).update(next_try=await clock() - timedelta(seconds=1))
    await MailServer.exclude(retry_at=None).update(retry_at=await clock() - timedelta(seconds=1))


async def passed(time: timedelta) -> None:
    """So much time has passed: all that was noted is so much longer ago."""
    for mail in await OutboundMail.all():
        mail.created_at -= time
        mail.next_try = mail.next_try and mail.next_try - time
        await mail.save(update_fields=["created_at", "next_try"])
    for server in await MailServer.all():
        server.retry_at = server.retry_at and server.retry_at - time
        server.trouble_since = server.trouble_since and server.trouble_since - time
        await server.save(update_fields=["retry_at", "trouble_since"])


async def lapsed() -> None:
    """Whoever had leases has died."""
    past = await clock() - timedelta(seconds=1)
    await OutboundMail.exclude(lease_until=None).update(lease_until=past)
    await MailServer.exclude(lease_until=None).update(lease_until=past)
