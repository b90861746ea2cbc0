"""The queue of mails, as administrators act on it."""

from actions import mail_resending
from actions.administration.editing import found, permitted, record_change
from actions.refusals import invalid
from models.callers import OperatorCaller
from models.enums import Right
from models.mails import OutboundMail

KIND = "OutboundMail"


async def resend(id: int, by: OperatorCaller) -> OutboundMail:
    """Send a mail again, or at once. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> OutboundMail:
        mail = await found(OutboundMail, id)
        if mail.state not in mail_resending.MAY_GO:
            raise invalid("mailId", "Choose one that failed, bounced, waits or is in doubt.")
        was = mail.state.value
        await mail_resending.again(mail, "mailId")
        await record_change(by, KIND, mail, "resend", [("state", was, mail.state.value)])
        return mail

    return await permitted(by, Right.ADMINISTER, do)
