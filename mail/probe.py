"""Mailboxes tried before and after they are saved: folders, connections, a test mail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from actions.keys import ring
from actions.mail_tokens import mint_message_id
from mail.credentials import Credential
from mail.folder_names import Folder
from mail.imap_trial import ImapTrial
from mail.oauth import credential
from mail.rendering import Rendered, rendered
from mail.smtp_trial import Letter, SmtpTrial
from mail.trial import Outcome, Stage, Step, tried
from models.desk import Department
from models.mail_enums import MailDirection, MailKind, MailSecurity
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail

UNFOLDED = SMTP.clone(max_line_length=900)
"""Within what RFC 5322 allows: programs that look for a Message-ID often miss a folded one."""


@dataclass(frozen=True)
class Tried:
    """How it went, stage by stage."""

    steps: list[Step]
    folders: list[Folder]
    """Of IMAP, as far as they could be listed."""
    answer: str = ""
    """The server's to a test mail."""
    message_id: str = ""
    """Of the test mail, without < >."""

    @property
    def failed(self) -> Step | None:
        """The stage that failed, if one did."""
        return next((one for one in self.steps if one.outcome is Outcome.FAILED), None)


async def connection(mailbox: Mailbox, server: MailServer) -> Tried:
    """Try a server as far as it goes without changing anything on it."""
    if server.direction is MailDirection.IN:
        return await _imap(mailbox, server, until=None)
    return await _smtp(mailbox, server, Letter(mailbox.address))


async def folders(mailbox: Mailbox, server: MailServer) -> Tried:
    """The folders of an IMAP server; none is opened."""
    return await _imap(mailbox, server, until=Stage.LIST)


async def test_mail(mailbox: Mailbox, server: MailServer, recipient: str, language: str) -> Tried:
    """Send a mail by an SMTP server, in the words of the department that sends by it."""
    domain = mailbox.address.rpartition("@")[2]
    message_id = mint_message_id(0, domain)
    said = await rendered(
        OutboundMail(
            kind=MailKind.TEST,
            recipient=recipient,
            language=language,
            department_id=await _department(mailbox),
        )
    )
    content = letter(mailbox, recipient, message_id, said)
    return await _smtp(mailbox, server, Letter(mailbox.address, recipient, content), message_id)


async def _department(mailbox: Mailbox) -> int | None:
    sending = Department.filter(outgoing_mailbox_id=mailbox.pk or 0).order_by("id")
    first = await sending.first()
    return first.id if first is not None else mailbox.default_department_id


def letter(mailbox: Mailbox, recipient: str, message_id: str, said: Rendered) -> bytes:
    """The test mail; it says of itself that no machine need answer it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((mailbox.sender_name, mailbox.address))
    mail["To"] = recipient
    mail["Subject"] = said.subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message_id}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Helpdesk-Loop"] = ring().instance
    mail.set_content(said.text, cte="quoted-printable")
    mail.add_alternative(said.html, subtype="html", cte="quoted-printable")
    return mail.as_bytes(policy=UNFOLDED)


async def _imap(mailbox: Mailbox, server: MailServer, until: Stage | None) -> Tried:
    trial = ImapTrial(server, _signing_in(mailbox, server))
    stages = trial.stages
    if until is not None:
        stages = stages[: [stage for stage, _ in stages].index(until) + 1]
    try:
        steps = await tried(stages, encrypted=server.security is MailSecurity.TLS)
    finally:
        await trial.close()
    return Tried(steps, sorted(trial.folders, key=lambda one: one.name))


async def _smtp(
    mailbox: Mailbox, server: MailServer, letter: Letter, message_id: str = ""
) -> Tried:
    trial = SmtpTrial(server, _signing_in(mailbox, server), letter)
    try:
        steps = await tried(trial.stages, encrypted=server.security is MailSecurity.TLS)
    finally:
        await trial.close()
    return Tried(steps, [], trial.answer, message_id)


def _signing_in(mailbox: Mailbox, server: MailServer) -> Callable[[], Awaitable[Credential]]:
    return lambda: credential(mailbox, server)
