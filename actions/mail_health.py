"""How a mailbox is: said by whoever talks to its servers, told live to administrators."""

from datetime import datetime, timedelta
from functools import partial

from actions import mail_alerts
from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from models.mail_enums import MailboxState
from models.mailboxes import Mailbox, MailQuota, MailServer
from models.sql import clock, is_postgres

ERROR_LIMIT = 1000
PATIENCE = timedelta(minutes=15)
"""A server that cannot be reached is alerted of after this time: many come back by themselves."""
AT_ONCE = frozenset({MailboxState.BLOCKED, MailboxState.REAUTHORISE})
"""What no time mends."""
TROUBLE = AT_ONCE | {MailboxState.UNREACHABLE}
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
    """Note how a server is, as of now; whoever watches is told when something they see changed.

    Administrators are alerted once per incident: at once of what no time mends.
    """

    async def do() -> None:
        server = await held(server_id)
        if server is None:
            return
        before = (server.state, server.error, server.backlog, server.retry_at)
        now = await clock()
        server.state, server.error, server.retry_at = state, error[:ERROR_LIMIT], retry_at
        if server.paused:
            server.state = MailboxState.PAUSED
        if state is MailboxState.OK:
            server.failures = 0
            server.last_success_at = now
        else:
            server.failures += 1
        server.backlog = server.backlog if backlog is None else backlog
        server.last_mail_at = mail_at or server.last_mail_at
        await _incident(server, now)
        await server.save(
            update_fields=[
                "state", "error", "retry_at", "failures", "last_success_at", "last_mail_at",
                "backlog", "trouble_since", "alerted",
            ]
        )  # fmt: skip
        seen = (server.state, server.error, server.backlog, server.retry_at)
        if mail_at is not None or before != seen:
            record(MailboxChanged(server.mailbox_id))

    await unit_of_work(do)


async def held(server_id: int) -> MailServer | None:
    """Within a unit of work: a server as it is now, and stays until the end of it."""
    query = MailServer.filter(id=server_id)
    return await (query.select_for_update() if is_postgres() else query).first()


async def overdue() -> int:
    """Alert of servers that could not be reached for fifteen minutes; how many there were."""
    until = await clock() - PATIENCE
    late = MailServer.filter(
        state=MailboxState.UNREACHABLE, alerted="", trouble_since__lte=until, paused=False
    )
    ids: list[int] = [one.id for one in await late.order_by("id")]

    for id in ids:
        await unit_of_work(partial(_alert_late, id))
    return len(ids)


async def _alert_late(id: int) -> None:
    server = await held(id)
    if server is None or server.state is not MailboxState.UNREACHABLE or server.alerted:
        return
    await _alert(server)
    await server.save(update_fields=["alerted"])


async def afresh(server: MailServer) -> None:
    """Within a unit of work: what was wrong is thought to be mended, try at once."""
    server.state = MailboxState.PAUSED if server.paused else MailboxState.OK
    server.error, server.failures, server.retry_at = "", 0, None
    server.trouble_since, server.alerted = None, ""
    await server.save(
        update_fields=["state", "error", "failures", "retry_at", "trouble_since", "alerted"]
    )


async def quota_used(mailbox_id: int) -> None:
    """Within a unit of work, after recipients were counted: alert at four fifths, and at the end.

    Of a mailbox and a day, once each.
    """
    mailbox = await Mailbox.get_or_none(id=mailbox_id)
    today = await MailQuota.get_or_none(mailbox_id=mailbox_id, day=(await clock()).date())
    if mailbox is None or today is None or today.sent < mailbox.daily_limit * WARNED_AT:
        return
    used_up = today.sent >= mailbox.daily_limit
    if today.exhausted or (today.warned and not used_up):
        return
    today.warned, today.exhausted = True, used_up
    await today.save(update_fields=["warned", "exhausted"])
    await mail_alerts.of_quota(mailbox, today.sent)
    record(MailboxChanged(mailbox_id))


async def _incident(server: MailServer, now: datetime) -> None:
    """It begins with trouble, and ends when all is well; a pause neither begins nor ends it."""
    if server.state in TROUBLE:
        server.trouble_since = server.trouble_since or now
    elif server.state is MailboxState.OK:
        server.trouble_since, server.alerted = None, ""
    worse = server.alerted in {"", MailboxState.UNREACHABLE.value}
    if server.state in AT_ONCE and worse:
        await _alert(server)


async def _alert(server: MailServer) -> None:
    server.alerted = server.state.value
    await mail_alerts.of_server(server)
