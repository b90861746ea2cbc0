"""Who sends what: a server and a mail are one worker's, for a time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from actions import mail_health, mail_quota
from actions.mail_delivery import moved
from actions.mail_digests import NOTICES, ready
from actions.unit_of_work import unit_of_work
from models.mail_enums import RESERVED_KINDS, MailboxState, MailDirection, OutboundState
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from models.sights import sights_of
from models.sql import Statement, clock, connection, instances, rows
from models.tickets import Ticket

LEASE = timedelta(minutes=5)
"""Longer than a try can take: past it, who had the mail is dead."""
ALWAYS_TRIED = (MailboxState.OK, MailboxState.UNREACHABLE)
AT_LIMIT = "The daily limit of {limit} recipients is reached: the queue waits for the next day."


@dataclass(frozen=True)
class Lease:
    """A mail to be sent now, by its holder alone."""

    mail: OutboundMail
    mailbox: Mailbox
    server: MailServer
    day: date
    """Of the quota it was counted in."""


async def take_server(owner: str) -> MailServer | None:
    """A server with mail to send that nobody talks to: now it is the owner's."""

    async def do() -> MailServer | None:
        to = Statement()
        # On PostgreSQL a row that another worker is taking is passed by.
        skip = "FOR UPDATE SKIP LOCKED" if to.postgres else ""
        sql = f"""
            SELECT s.* FROM mail_server s WHERE s.direction = {to.add(MailDirection.OUT.value)}
            AND NOT s.paused AND (s.lease_until IS NULL OR s.lease_until <= {to.now})
            AND ({_usable(to)}) AND EXISTS (SELECT 1 FROM outbound_mail m
                WHERE m.mailbox_id = s.mailbox_id AND {_due(to)}
                AND ({_unlimited(to)} OR {_reserved(to)}))
            ORDER BY s.lease_until NULLS FIRST, s.id LIMIT 1 {skip}"""
        found = await instances(MailServer, sql, to)
        if not found:
            return None
        (server,) = found
        server.lease_owner, server.lease_until = owner, await clock() + LEASE
        await server.save(update_fields=["lease_owner", "lease_until"])
        return server

    return await unit_of_work(do)


async def give_server(server: MailServer, owner: str) -> None:
    """Others may have it; the time stays, so that all take turns."""

    async def do() -> None:
        to = Statement()
        sql = f"""
            UPDATE mail_server SET lease_owner = {to.add("")}, lease_until = {to.now}
            WHERE id = {to.add(server.id)} AND lease_owner = {to.add(owner)}"""
        await connection().execute_query(sql, to.values)

    await unit_of_work(do)


async def take_mail(server: MailServer, owner: str) -> Lease | None:
    """The next mail of a server that is the owner's, its recipient counted; None for none."""

    async def do() -> Lease | OutboundMail | None:
        now = await clock()
        held = await _renewed(server, owner, now)
        mail = await _next(held) if held is not None else None
        if held is None or mail is None:
            return None
        return await _leased(mail, held, owner, now) or mail

    while isinstance(taken := await unit_of_work(do), OutboundMail):
        pass
    return taken


async def _leased(
    mail: OutboundMail, server: MailServer, owner: str, now: datetime
) -> Lease | None:
    """None when it does not go now: it has ended, waits, or is somebody else's."""
    gone = await _pointless(mail)
    if gone:
        await moved(mail, OutboundState.FAILED, among=[OutboundState.QUEUED], reason=gone)
        return None
    if not await ready(mail):
        return None
    mailbox = await Mailbox.get(id=server.mailbox_id)
    if not await mail_quota.taken(mailbox, mail.kind, now):
        await _at_limit(mail, mailbox, server, mail_quota.next_window(now))
        return None
    lease = {"lease_owner": owner, "lease_until": now + LEASE}
    if not await moved(mail, OutboundState.SENDING, among=[OutboundState.QUEUED], **lease):
        return None
    return Lease(mail, mailbox, server, now.date())


async def _at_limit(
    mail: OutboundMail, mailbox: Mailbox, server: MailServer, until: datetime
) -> None:
    if mail.kind in RESERVED_KINDS:
        await OutboundMail.filter(id=mail.id).update(next_try=until)
    text = AT_LIMIT.format(limit=mailbox.daily_limit)
    await mail_health.report(server.id, MailboxState.PAUSED, text, retry_at=until)


async def expired() -> list[OutboundMail]:
    """Mails whose sender has vanished in the midst of it."""
    to = Statement()
    sql = f"""
        SELECT * FROM outbound_mail WHERE state = {to.add(OutboundState.SENDING.value)}
        AND lease_until <= {to.now} ORDER BY id LIMIT 100"""
    return await instances(OutboundMail, sql, to)


async def _renewed(server: MailServer, owner: str, now: datetime) -> MailServer | None:
    """The server as it is now, if it is still theirs and not stopped meanwhile."""
    to = Statement()
    sql = f"""
        UPDATE mail_server AS s SET lease_until = {to.add(now + LEASE)}
        WHERE s.id = {to.add(server.id)} AND s.lease_owner = {to.add(owner)}
        AND NOT s.paused AND ({_usable(to)}) RETURNING id"""
    return await MailServer.get(id=server.id) if await rows(sql, to) else None


async def _next(server: MailServer) -> OutboundMail | None:
    """What lets people in goes first, then what operators wrote, then the rest, each in order.

    What was refused for now more than once is behind its like: it may be what keeps them waiting.
    """
    to = Statement()
    first = to.among("m.kind", sorted(RESERVED_KINDS))
    last = to.among("m.kind", sorted(NOTICES))
    sql = f"""
        SELECT m.* FROM outbound_mail m JOIN mail_server s ON s.mailbox_id = m.mailbox_id
        WHERE s.id = {to.add(server.id)} AND {_due(to)}
        AND ({_unlimited(to)} OR {_reserved(to)})
        ORDER BY CASE WHEN {first} THEN 0 WHEN {last} THEN 2 ELSE 1 END,
            CASE WHEN m.attempts > 1 THEN 1 ELSE 0 END, m.id LIMIT 1"""
    return next(iter(await instances(OutboundMail, sql, to)), None)


async def _pointless(mail: OutboundMail) -> str:
    """Why a mail is not to be sent any more; empty for one that is."""
    if mail.ticket_id is None:
        return ""
    ticket = await Ticket.get(id=mail.ticket_id)
    if ticket.deleted_at is not None:
        return "The ticket was deleted before it was sent."
    if mail.operator_id is not None and mail.kind in NOTICES:
        (sight,) = await sights_of([mail.operator_id])
        if not (sight.active and sight.sees(ticket)):
            return "The operator does not see the ticket any more."
    return ""


def _due(to: Statement) -> str:
    return (
        f"m.state = {to.add(OutboundState.QUEUED.value)} "
        f"AND (m.next_try IS NULL OR m.next_try <= {to.now})"
    )


def _usable(to: Statement) -> str:
    """Whether it may be talked to: at its time, or, at the daily limit, for what is reserved."""
    return (
        f"s.state = {to.add(MailboxState.PAUSED.value)} OR ({to.among('s.state', ALWAYS_TRIED)} "
        f"AND (s.retry_at IS NULL OR s.retry_at <= {to.now}))"
    )


def _unlimited(to: Statement) -> str:
    return (
        f"s.state <> {to.add(MailboxState.PAUSED.value)} "
        f"OR s.retry_at IS NULL OR s.retry_at <= {to.now}"
    )


def _reserved(to: Statement) -> str:
    return to.among("m.kind", sorted(RESERVED_KINDS))
