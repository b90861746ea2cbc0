"""How a mailbox is: said by whoever talks to its servers, told live to administrators."""

from datetime import datetime

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from models.mail_enums import MailboxState
from models.mailboxes import Mailbox, MailQuota, MailServer
from models.sql import clock

ERROR_LIMIT = 1000
WARNED_AT = 0.8
"""Of the daily limit."""


async def report(
    server_id: int,
    state: MailboxState,
    error: str = "",
    *,
    retry_at: datetime | None = None,
    backlog: int | None = None,
    mail_at: datetime | None = None,
) -> None:
    """Note how a server is, as of now; whoever watches is told when something they see changed."""

    async def do() -> None:
        server = await MailServer.get_or_none(id=server_id)
        if server is None:
            return
        before = (server.state, server.error, server.backlog, server.retry_at)
        server.state, server.error, server.retry_at = state, error[:ERROR_LIMIT], retry_at
        if state is MailboxState.OK:
            server.failures = 0
            server.last_success_at = await clock()
        else:
            server.failures += 1
        server.backlog = server.backlog if backlog is None else backlog
        server.last_mail_at = mail_at or server.last_mail_at
        await server.save(
            update_fields=[
                "state", "error", "retry_at", "failures", "last_success_at", "last_mail_at",
                "backlog",
            ]
        )  # fmt: skip
        if before != (server.state, server.error, server.backlog, server.retry_at):
            record(MailboxChanged(server.mailbox_id))

    await unit_of_work(do)


async def quota_used(mailbox_id: int) -> None:
    """Within a unit of work, after recipients were counted: warn at four fifths of the limit."""
    mailbox = await Mailbox.get_or_none(id=mailbox_id)
    today = await MailQuota.get_or_none(mailbox_id=mailbox_id, day=(await clock()).date())
    if mailbox is None or today is None or today.warned:
        return
    if today.sent >= mailbox.daily_limit * WARNED_AT:
        today.warned = True
        await today.save(update_fields=["warned"])
        record(MailboxChanged(mailbox_id))
