"""How many recipients a mailbox may write to in a day (UTC), counted before it does."""

from datetime import UTC, date, datetime, time, timedelta

from actions import mail_health
from actions.events import MailboxChanged
from actions.unit_of_work import record
from models.mail_enums import RESERVED_KINDS, MailDirection, MailKind, OutboundState
from models.mailboxes import Mailbox, MailQuota, MailServer
from models.mails import OutboundMail
from models.sql import Statement, clock, connection, rows

RESERVE = 20
"""Recipients beyond the limit, for what lets contacts and administrators in."""


async def taken(mailbox: Mailbox, kind: MailKind, at: datetime) -> bool:
    """Within a unit of work: count one recipient more; False when no more may be written to."""
    await _row(mailbox.id, at.date())
    if await _counted("sent", mailbox.id, at.date(), mailbox.daily_limit):
        await mail_health.quota_used(mailbox.id)
        return True
    return kind in RESERVED_KINDS and await _counted("reserve_sent", mailbox.id, at.date(), RESERVE)


async def given_back(mailbox_id: int, day: date) -> None:
    """Within a unit of work: one that was counted was not written to after all.

    What was taken from the reserve goes back first.
    """
    to = Statement()
    sql = f"""
        UPDATE mail_quota SET
            reserve_sent = CASE WHEN reserve_sent > 0 THEN reserve_sent - 1 ELSE 0 END,
            sent = CASE WHEN reserve_sent > 0 OR sent = 0 THEN sent ELSE sent - 1 END
        WHERE mailbox_id = {to.add(mailbox_id)} AND day = {to.add(_day(day, to))}"""
    await connection().execute_query(sql, to.values)
    record(MailboxChanged(mailbox_id))


async def released(mailbox: Mailbox) -> None:
    """Within a unit of work: what waits for the next day goes, if the limit is above what went.

    The server is held before the count, as by whoever takes a mail.
    """
    now = await clock()
    until = next_window(now)
    waits = MailServer.filter(mailbox_id=mailbox.id, direction=MailDirection.OUT, retry_at=until)
    server = await mail_health.held(found.id) if (found := await waits.first()) else None
    today = await MailQuota.get_or_none(mailbox_id=mailbox.id, day=now.date())
    if server is None or today is None or today.sent >= mailbox.daily_limit:
        return
    await mail_health.afresh(server)
    await MailQuota.filter(id=today.id).update(warned=False, exhausted=False)
    late = OutboundMail.filter(mailbox_id=mailbox.id, state=OutboundState.QUEUED, next_try=until)
    await late.update(next_try=None)


def next_window(at: datetime) -> datetime:
    """When the next day begins."""
    return datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


async def _counted(column: str, mailbox_id: int, day: date, limit: int) -> bool:
    """One statement, so that of two workers at the limit one gets the last place."""
    to = Statement()
    sql = f"""
        UPDATE mail_quota SET {column} = {column} + 1
        WHERE mailbox_id = {to.add(mailbox_id)} AND day = {to.add(_day(day, to))}
        AND {column} < {to.add(limit)} RETURNING id"""
    counted = bool(await rows(sql, to))
    if counted:
        record(MailboxChanged(mailbox_id))
    return counted


async def _row(mailbox_id: int, day: date) -> None:
    to = Statement()
    sql = f"""
        INSERT INTO mail_quota (mailbox_id, day, sent, reserve_sent, warned)
        VALUES ({to.add(mailbox_id)}, {to.add(_day(day, to))}, 0, 0, {to.add(False)})
        ON CONFLICT (mailbox_id, day) DO NOTHING"""
    await connection().execute_query(sql, to.values)


def _day(day: date, to: Statement) -> date | str:
    return day if to.postgres else day.isoformat()
