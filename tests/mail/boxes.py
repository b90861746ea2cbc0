"""Mailboxes of tests, as rows: what the API would have made."""

from datetime import UTC, datetime, timedelta
from typing import Any

from actions.keys import ring
from models.desk import Department
from models.mail_enums import MailAuth, MailDirection, MailSecurity
from models.mailboxes import Mailbox, MailServer
from tests.mail.dovecot import PASSWORD

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def mailbox(
    address: str,
    *,
    department: str | None = None,
    imap_port: int | None = None,
    smtp_port: int | None = None,
    created_at: datetime = LONG_AGO,
    **more: Any,
) -> Mailbox:
    """A mailbox at servers on this machine, without encryption; the department's, if one is named.

    It was set up long ago, so that mails are none of before.
    """
    box = await Mailbox.create(name=address, address=address, created_at=created_at, **more)
    if imap_port is not None:
        await server(box, MailDirection.IN, imap_port)
    if smtp_port is not None:
        await server(box, MailDirection.OUT, smtp_port)
    if department is not None:
        await Department.filter(name=department).update(
            email=address, incoming_mailbox_id=box.id, outgoing_mailbox_id=box.id
        )
        found = await Department.get(name=department)
        await Mailbox.filter(id=box.id).update(default_department_id=found.id)
        box.default_department_id = found.id
    return box


async def server(box: Mailbox, direction: MailDirection, port: int) -> MailServer:
    """One direction of it."""
    incoming = direction is MailDirection.IN
    return await MailServer.create(
        mailbox_id=box.id,
        direction=direction,
        host="127.0.0.1",
        port=port,
        security=MailSecurity.NONE,
        auth=MailAuth.PASSWORD if incoming else MailAuth.NONE,
        secret=ring().encrypt(PASSWORD) if incoming else "",
    )


def recently() -> datetime:
    """A moment ago."""
    return datetime.now(UTC) - timedelta(minutes=1)
