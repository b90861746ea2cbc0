"""Test mails of administrators: they count, and stand in the mail log."""

from dataclasses import dataclass
from typing import Any

from actions import mail_quota
from actions.administration.editing import found, permitted
from actions.administration.form import Form
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.enums import Right
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import OutboundMail
from models.sql import clock


@dataclass(frozen=True)
class Sent:
    """How a test mail went."""

    recipient: str
    message_id: str
    trouble: str
    """Which stage failed and how; empty when it was sent."""
    answer: str


async def begun(mailbox_id: int | None, to: str, by: OperatorCaller) -> str:
    """The address, as far as the day's limit and the reserve allow; of a saved one it is counted.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> str:
        form = Form()
        recipient = form.address(to, "to")
        form.check()
        if mailbox_id is not None and not await mail_quota.taken(
            await found(Mailbox, mailbox_id), MailKind.TEST, await clock()
        ):
            form.wrong("mailboxId", "Its daily limit and the reserve are used up: try tomorrow.")
        form.check()
        return recipient

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def ended(mailbox_id: int, sent: Sent, by: OperatorCaller) -> None:
    """Write it into the log."""

    async def do() -> None:
        now = await clock()
        failed: dict[str, Any] = {"state": OutboundState.FAILED, "reason": sent.trouble}
        done: dict[str, Any] = {"state": OutboundState.SENT, "sent_at": now}
        await OutboundMail.create(
            mailbox_id=mailbox_id,
            kind=MailKind.TEST,
            language="en",
            recipient=sent.recipient,
            operator_id=by.id,
            message_id=sent.message_id,
            attempts=1,
            smtp_reply=sent.answer,
            created_at=now,
            **(failed if sent.trouble else done),
        )

    await unit_of_work(do)
