"""The queue against a real server: the right state, nothing twice, nothing lost."""

import asyncio

import pytest

from actions import mail_endings
from mail.credentials import Credential, Reauthorise
from mail.outbox import OutboxWorker
from models.enums import DeliveryState
from models.mail_enums import MailboxState, OutboundState
from models.mailboxes import MailQuota, MailServer
from models.mails import MailTemplate, OutboundMail
from models.sql import clock
from tests.actions import stage
from tests.mail.sending import (
    FAILED,
    QUEUED,
    SENT,
    UNCERTAIN,
    later,
    notice,
    replied,
    server_row,
    shown,
    state,
    worker,
)
from tests.mail.smtp_server import Script, smtp_server

pytestmark = pytest.mark.usefixtures("database")


async def test_a_reply_is_sent_once_and_shows_it() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        before = await stage.row(mail.ticket_id or 0)
        await worker().once()
        await worker().once()
        after = await OutboundMail.get(id=mail.id)
        assert (after.state, after.last_code, server.times(mail.message_id)) == (SENT, 250, 1)
        assert after.sent_at is not None
        assert after.size == len(server.taken[0].raw)
        assert server.taken[0].recipients == ("mario@demo.test",)
        assert server.taken[0].sender == "immigrazione@demo.test"
        assert await shown(mail) is DeliveryState.SENT
        row = await stage.row(mail.ticket_id or 0)
        assert row.updated_at == before.updated_at
        assert row.revision > before.revision
        assert (await server_row()).state is MailboxState.OK


@pytest.mark.parametrize(
    ("command", "answer", "expected", "how"),
    [
        ("MAIL", "451 4.3.0 later", QUEUED, MailboxState.OK),
        ("RCPT", "450 4.2.0 greylisted", QUEUED, MailboxState.OK),
        ("RCPT", "550 5.1.1 unknown", FAILED, MailboxState.OK),
        ("RCPT", "552 5.2.2 quota exceeded", FAILED, MailboxState.OK),
        ("DATA", "drop", QUEUED, MailboxState.OK),
        ("DATA", "554 5.5.1 no", FAILED, MailboxState.OK),
        ("END", "451 4.3.0 later", QUEUED, MailboxState.OK),
        ("END", "554 5.7.1 spam", FAILED, MailboxState.OK),
        ("END", "drop", UNCERTAIN, MailboxState.OK),
        ("END", "hang", UNCERTAIN, MailboxState.OK),
        ("MAIL", "530 5.7.0 sign in first", QUEUED, MailboxState.BLOCKED),
        ("RCPT", "550 5.4.5 Daily user sending quota exceeded", QUEUED, MailboxState.PAUSED),
        ("END", "454 4.7.0 rate limit exceeded", QUEUED, MailboxState.PAUSED),
        ("greeting", "554 go away", QUEUED, MailboxState.UNREACHABLE),
        ("greeting", "hang", QUEUED, MailboxState.UNREACHABLE),
    ],
)
async def test_what_becomes_of_a_reply(
    command: str, answer: str, expected: OutboundState, how: MailboxState
) -> None:
    script = Script(greeting=answer) if command == "greeting" else Script({command: answer})
    async with smtp_server(script) as server:
        mail = await replied(server.port)
        await worker().once()
        row = await OutboundMail.get(id=mail.id)
        assert row.state is expected
        assert row.reason
        assert await shown(mail) is DeliveryState(expected.value)
        assert (await server_row()).state is how
        counted = await MailQuota.get(mailbox_id=mail.mailbox_id)
        assert counted.sent == (expected is UNCERTAIN)
        stored = server.times(mail.message_id)
        script.answers, script.greeting = {}, ""
        await worker().once()  # nothing is due
        assert server.times(mail.message_id) == stored
        await later()
        await worker().once()
        done = await state(mail)
        if expected is QUEUED and how is not MailboxState.BLOCKED:
            assert (done, server.times(mail.message_id)) == (SENT, 1)
        else:
            assert (done, server.times(mail.message_id)) == (expected, stored)


async def test_the_bytes_of_a_second_try_are_those_of_the_first() -> None:
    script = Script({"END": "hang"}, times=1)
    async with smtp_server(script) as server:
        await replied(server.port)
        await OutboundMail.all().delete()
        (mail,) = await notice()
        await worker().once()
        assert await state(mail) is QUEUED, "a notice goes again"
        await MailTemplate.create(kind=mail.kind, language="it", subject="x", text="y")
        await later()
        await worker().once()
        assert await state(mail) is SENT
        first, second = server.taken
        assert first.raw == second.raw
        assert (await OutboundMail.get(id=mail.id)).doubts == 1


async def test_a_notice_in_doubt_twice_is_not_sent_a_third_time() -> None:
    async with smtp_server(Script({"END": "hang"})) as server:
        await replied(server.port)
        await OutboundMail.all().delete()
        (mail,) = await notice()
        for _ in range(4):
            await worker().once()
            await later()
        assert await state(mail) is UNCERTAIN
        assert server.times(mail.message_id) == 2


async def test_put_off_for_two_days_and_then_failed() -> None:
    async with smtp_server(Script({"RCPT": "450 later"})) as server:
        mail = await replied(server.port)
        waits: list[float] = []
        while await state(mail) is QUEUED:
            at = await clock()
            await worker().once()
            row = await OutboundMail.get(id=mail.id)
            if row.next_try is not None and row.state is QUEUED:
                waits.append((row.next_try - at).total_seconds() / 60)
            await later()
        assert await state(mail) is FAILED
        assert await shown(mail) is DeliveryState.FAILED
        assert len(waits) == len(mail_endings.DELAYS_MIN)
        for waited, planned in zip(waits, mail_endings.DELAYS_MIN, strict=True):
            assert planned <= waited <= planned * 1.2 + 1
        assert sum(mail_endings.DELAYS_MIN) in range(48 * 60 - 5, 48 * 60 + 5)
        assert server.taken == []


async def test_refused_credentials_stop_the_mailbox_and_keep_the_queue() -> None:
    async with smtp_server() as server:
        mails = [await replied(server.port, str(number)) for number in range(3)]

        async def refuse(*_: object) -> Credential:
            raise Reauthorise("invalid_grant")

        await OutboxWorker(sign_in=refuse).once()
        row = await server_row()
        assert (row.state, row.error) == (MailboxState.REAUTHORISE, "invalid_grant")
        await worker().once()
        assert [await state(mail) for mail in mails] == [QUEUED] * 3
        assert server.connections == 0
        await MailServer.all().update(state=MailboxState.OK)
        await later()
        await worker().once()
        assert [await state(mail) for mail in mails] == [SENT] * 3


async def test_a_server_that_speaks_no_tls() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await MailServer.all().update(security="TLS")
        await worker().once()
        row = await server_row()
        assert row.state is MailboxState.UNREACHABLE
        assert row.error.startswith("TLS: ")
        assert await state(mail) is QUEUED


async def test_it_runs_until_it_is_stopped_and_wakes() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        running = worker()
        task = asyncio.create_task(running.run())
        running.wake()
        while await state(mail) is not SENT:  # noqa: ASYNC110 - the database has no event
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert server.times(mail.message_id) == 1
