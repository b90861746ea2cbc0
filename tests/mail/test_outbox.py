"""The queue against a real server: the right state, nothing twice, nothing lost."""

import asyncio
from datetime import timedelta

import pytest

from actions import mail_endings, mail_leases, mail_quota, mailing, tickets
from actions.mail_leases import Lease
from actions.mailing import About, To
from actions.tickets.requests import Reply
from actions.unit_of_work import unit_of_work
from mail import outbox
from mail.credentials import Reauthorise
from mail.outbox import OutboxWorker
from models.desk import Department, Desk
from models.enums import DeliveryState
from models.mail_enums import MailboxState, MailDirection, MailKind, OutboundState
from models.mailboxes import Mailbox, MailQuota, MailServer
from models.mails import MailTemplate, OutboundMail
from models.people import Operator
from models.sql import clock
from models.tickets import Ticket
from tests.actions import stage
from tests.mail.smtp_server import Script, smtp_server
from tests.mail.stage import mailbox

pytestmark = pytest.mark.usefixtures("database")
SENT, QUEUED, FAILED = OutboundState.SENT, OutboundState.QUEUED, OutboundState.FAILED
UNCERTAIN, SENDING = OutboundState.UNCERTAIN, OutboundState.SENDING
FAR = timedelta(days=1)


def worker() -> OutboxWorker:
    return OutboxWorker(timeout_s=1.0, content_timeout_s=1.0)


async def replied(port: int, text: str = "ecco") -> OutboundMail:
    """A reply in the queue, and nothing else."""
    if not await Mailbox.exists():
        await mailbox(port=port)
        await Department.all().update(notify_members=False)
    id = await stage.opened()
    await tickets.reply(Reply(id, text), await stage.operator("anna"))
    return (await OutboundMail.all().order_by("-id"))[0]


async def notice(count: int = 1) -> list[OutboundMail]:
    """Mails of no ticket to an operator."""
    anna = To.operator(await Operator.get(name="Anna"))
    about = About(department_id=await stage.department("Immigrazione"))
    made = [
        await unit_of_work(lambda: mailing.queue(MailKind.MAILBOX_ALERT, anna, about))
        for _ in range(count)
    ]
    return [one for one in made if one is not None]


async def state(mail: OutboundMail) -> OutboundState:
    return (await OutboundMail.get(id=mail.id)).state


async def shown(mail: OutboundMail) -> DeliveryState | None:
    return (await stage.timeline(mail.ticket_id or 0))[(mail.entry_number or 0) - 1].delivery


async def server_row() -> MailServer:
    return await MailServer.get(direction=MailDirection.OUT)


async def later() -> None:
    """Whatever waits for its time has reached it."""
    await OutboundMail.exclude(next_try=None).update(next_try=await clock() - timedelta(seconds=1))
    await MailServer.exclude(retry_at=None).update(retry_at=await clock() - timedelta(seconds=1))


async def lapsed() -> None:
    """Whoever had leases has died."""
    past = await clock() - timedelta(seconds=1)
    await OutboundMail.exclude(lease_until=None).update(lease_until=past)
    await MailServer.exclude(lease_until=None).update(lease_until=past)


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

        async def refuse(_mailbox: Mailbox, _server: MailServer) -> None:
            raise Reauthorise("invalid_grant")

        await OutboxWorker(sign_in=refuse).once()  # pyright: ignore[reportArgumentType]
        row = await server_row()
        assert (row.state, row.error) == (MailboxState.REAUTHORISE, "invalid_grant")
        await worker().once()
        assert [await state(mail) for mail in mails] == [QUEUED] * 3
        assert server.connections == 0
        await MailServer.all().update(state=MailboxState.OK)
        await later()
        await worker().once()
        assert [await state(mail) for mail in mails] == [SENT] * 3


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


class Killed(Exception):
    """The process is gone."""


STEPS = ["take_server", "take_mail", "kept", "smtp before", "smtp after", "sent"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_at_any_step(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await dying(step, monkeypatch)
        await worker().once()  # leases hold: nobody else takes it
        taken = server.times(mail.message_id)
        assert taken == (step in {"smtp after", "sent"})
        await lapsed()
        await worker().once()
        if step in {"take_server", "take_mail"}:
            expected = SENT if step == "take_server" else UNCERTAIN
        else:
            expected = UNCERTAIN
        assert await state(mail) is expected
        assert server.times(mail.message_id) == (taken or expected is SENT)
        assert await shown(mail) is DeliveryState(expected.value)


async def dying(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker comes to this step, and no further."""
    last = worker()

    async def die(*_: object, **__: object) -> None:
        raise Killed

    async def give(*_: object) -> None:
        """Nobody gives back what the dead held."""

    with monkeypatch.context() as patch:
        patch.setattr(mail_leases, "give_server", give)
        if step == "take_server":
            patch.setattr(OutboxWorker, "_send_by", die)
        elif step == "take_mail":
            patch.setattr(OutboxWorker, "send", die)
        elif step in {"kept", "sent"}:
            patch.setattr(mail_endings, step, die)
        elif step == "smtp before":
            patch.setattr(outbox.smtp, "send", die)
        else:
            patch.setattr(outbox, "settle", die)
        if step == "kept":
            patch.setattr(mail_endings, "failed", die)
        await last.once()


async def test_who_comes_back_late_knows_better() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        taken = await mail_leases.take_server("late")
        assert taken is not None
        lease = await mail_leases.take_mail(taken, "late")
        assert isinstance(lease, Lease)
        await lapsed()
        await worker().once()
        assert await state(mail) is UNCERTAIN
        await mail_endings.sent(lease, 250, "taken", 1)
        assert await state(mail) is SENT
        assert await shown(mail) is DeliveryState.SENT


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
