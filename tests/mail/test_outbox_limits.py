"""What holds the queue back: one connection, the daily limit, pauses, digests."""

import asyncio
import contextvars
from datetime import datetime, timedelta

import pytest

from actions import mail_health, mail_quota, mailbox_control, mailing, tickets
from actions.administration import mailboxes
from actions.mailing import About, To
from actions.unit_of_work import unit_of_work
from models.desk import Department, Desk
from models.mail_enums import MailboxState, MailDirection, MailKind
from models.mailboxes import Mailbox, MailQuota, MailServer
from models.mails import OutboundMail
from models.people import Operator
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage
from tests.mail.sending import (
    FAILED,
    FAR,
    QUEUED,
    SENT,
    later,
    replied,
    server_row,
    state,
    worker,
)
from tests.mail.smtp_server import Script, smtp_server
from tests.mail.stage import mailbox

pytestmark = pytest.mark.usefixtures("database")


async def test_one_connection_at_a_time_by_a_mailbox() -> None:
    async with smtp_server() as server:
        mails = [await replied(server.port, str(number)) for number in range(6)]
        await asyncio.gather(*(worker().once() for _ in range(4)))
        await worker().once()
        assert [server.times(mail.message_id) for mail in mails] == [1] * 6
        assert server.most_open == 1


async def test_the_daily_limit_with_two_workers() -> None:
    async with smtp_server() as server:
        await replied(server.port)
        await Mailbox.all().update(daily_limit=5)
        for number in range(8):
            await replied(server.port, str(number))
        await asyncio.gather(worker().once(), worker().once())
        await worker().once()
        assert len(server.taken) == 5
        assert await OutboundMail.filter(state=QUEUED).count() == 4
        row = await server_row()
        assert row.state is MailboxState.PAUSED
        assert row.retry_at == mail_quota.next_window(await clock())
        quota = await MailQuota.get(mailbox_id=row.mailbox_id)
        assert (quota.sent, quota.warned) == (5, True)
        yesterday = quota.day - FAR
        await MailQuota.all().update(day=yesterday)
        await later()
        await worker().once()
        assert await OutboundMail.filter(state=QUEUED).count() == 0
        assert (await server_row()).state is MailboxState.OK


async def test_the_last_place_of_a_day_is_one_workers() -> None:
    """Without the lease of the server, which keeps two from getting that far."""
    made = await mailbox(daily_limit=10)
    now = await clock()

    async def take() -> bool:
        return await unit_of_work(lambda: mail_quota.taken(made, MailKind.REPLY, now))

    got = await asyncio.gather(*(take() for _ in range(25)))
    assert sum(got) == 10
    reserved = [
        await unit_of_work(lambda: mail_quota.taken(made, MailKind.MAGIC_LINK, now))
        for _ in range(25)
    ]
    assert sum(reserved) == mail_quota.RESERVE


async def test_what_lets_people_in_goes_beyond_the_limit() -> None:
    async with smtp_server() as server:
        first = await replied(server.port)
        second = await replied(server.port)
        await Mailbox.all().update(daily_limit=1)
        await worker().once()
        mario = To("mario@demo.test", language="it")
        about = About(await stage.row(first.ticket_id or 0))
        await unit_of_work(lambda: mailing.queue(MailKind.MAGIC_LINK, mario, about))
        await worker().once()
        assert await state(second) is QUEUED
        assert [one.state for one in await OutboundMail.filter(kind="MAGIC_LINK")] == [SENT]
        assert (await MailQuota.get(mailbox_id=first.mailbox_id)).reserve_sent == 1


async def test_a_mailbox_that_is_paused_sends_nothing() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await MailServer.all().update(paused=True, state=MailboxState.PAUSED)
        await worker().once()
        assert (await state(mail), server.connections) == (QUEUED, 0)


async def test_a_deleted_ticket_and_lost_sight() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await tickets.delete(mail.ticket_id or 0, await stage.operator("bruno"))
        await worker().once()
        assert (await state(mail), server.taken) == (FAILED, [])
        await Department.all().update(notify_members=True)
        await stage.opened()
        await Operator.filter(name="Anna").update(active=False)
        await stage.changed()
        await worker().once()
        assert [one.recipients for one in server.taken] == [("bruno@demo.test",)]


async def test_many_notices_become_one() -> None:
    async with smtp_server() as server:
        await mailbox(port=server.port)
        await Operator.filter(name="Bruno").update(muted_email=["NEW_TICKET"])
        await Desk.filter(id=1).update(notices_before_digest=3)
        ids = [await stage.opened(subject=f"uno {number}") for number in range(9)]
        await worker().once()
        assert len(server.taken) == 3
        past = await clock() - timedelta(minutes=11)
        await OutboundMail.filter(state=SENT).update(sent_at=past)
        await later()
        await Ticket.filter(id=ids[4]).update(deleted_at=past)
        await stage.changed()
        await worker().once()
        assert len(server.taken) == 4
        (digest,) = await OutboundMail.filter(kind=MailKind.DIGEST)
        told = {item["number"] for item in digest.input["items"]}
        assert told == {*ids[3:]} - {ids[4]}
        assert "uno 8" in (digest.text or "")
        assert await OutboundMail.filter(state=QUEUED).count() == 0


async def test_a_limit_that_is_raised_lets_the_queue_go() -> None:
    async with smtp_server() as server:
        mails = [await replied(server.port, str(number)) for number in range(4)]
        await Mailbox.all().update(daily_limit=1)
        mario, about = To("mario@demo.test"), About(await stage.row(mails[0].ticket_id or 0))
        link = await unit_of_work(lambda: mailing.queue(MailKind.MAGIC_LINK, mario, about))
        assert link is not None
        await MailQuota.filter(mailbox_id=link.mailbox_id).update(reserve_sent=mail_quota.RESERVE)
        await worker().once()
        admin = await stage.signed_in("admin")
        for limit, gone in ((1, 1), (3, 3), (1000, 4)):
            await mailboxes.update(link.mailbox_id, {"daily_limit": limit}, admin)
            await worker().once()
            assert len(server.taken) == gone + (gone == 4)
        row = await server_row()
        assert (row.state, row.retry_at) == (MailboxState.OK, None)


async def test_a_raised_limit_ends_no_other_pause() -> None:
    script = Script({"RCPT": "550 5.4.5 Daily user sending quota exceeded"})
    async with smtp_server(script) as server:
        mail = await replied(server.port)
        await worker().once()
        admin = await stage.signed_in("admin")
        await mailboxes.update(mail.mailbox_id, {"daily_limit": 1000}, admin)
        assert (await server_row()).state is MailboxState.PAUSED


async def test_a_pause_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a report that was begun before it."""
    made = await mailbox()
    row, admin = await server_row(), await stage.signed_in("admin")
    outside = contextvars.copy_context()
    pauses: list[asyncio.Task[Mailbox]] = []

    async def slow() -> datetime:
        if not pauses:
            pause = mailbox_control.pause(made.id, MailDirection.OUT, admin)
            pauses.append(asyncio.create_task(pause, context=outside))
            await asyncio.wait(pauses, timeout=0.5)
        return await clock()

    monkeypatch.setattr(mail_health, "clock", slow)
    await mail_health.report(row.id, MailboxState.OK)
    await pauses[0]
    row = await server_row()
    assert (row.paused, row.state) == (True, MailboxState.PAUSED)
