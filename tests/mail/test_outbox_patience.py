"""How long a mail waits: one mail stops no mailbox, and no server is awaited for ever."""

from datetime import timedelta

import pytest

from actions import mail_endings, mail_leases
from actions.unit_of_work import unit_of_work
from mail.outcomes import Stage, says_quota
from models.enums import DeliveryState
from models.mail_enums import MailboxState, MailDirection
from models.mailboxes import MailServer
from models.mails import OutboundMail
from models.sql import clock
from tests.mail.boxes import mailbox, server
from tests.mail.sending import (
    FAILED,
    FAR,
    QUEUED,
    SENT,
    lapsed,
    notice,
    passed,
    replied,
    server_row,
    shown,
    state,
    worker,
)
from tests.mail.smtp_server import Script, smtp_server

needs_database = pytest.mark.usefixtures("database")
FIRST = "first@customer.example"
HOUR = timedelta(hours=1)
ABOUT_THE_MAIL = [
    ("END", "552 5.3.4 Message size exceeds fixed limit"),
    ("END", "552 Message size exceeds fixed limit"),
    ("END", "550 5.7.1 Message rejected: spam score 12.3 exceeded the limit of 10"),
    ("RCPT", "550 5.7.1 Recipient address rejected: mailbox quota exceeded"),
]


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        (Stage.CONTENT, 552, "5.2.3 Message exceeds maximum size: limit exceeded", False),
        (Stage.SENDER, 552, "5.3.4 message size exceeds limit", False),
        (Stage.RECIPIENT, 450, "4.7.1 rate limit for this recipient", False),
        (Stage.RECIPIENT, 550, "5.7.1 you exceeded your hourly limit", True),
        (Stage.CONTENT, 550, "5.4.5 Daily user sending limit exceeded, size 3", True),
        (Stage.CONTENT, 421, "4.7.28 rate limited: too many messages", True),
        (Stage.RECIPIENT, 454, "4.7.1 Too many messages from this account", True),
    ],
)
def test_whose_limit_it_is(stage: Stage, code: int, text: str, expected: bool) -> None:
    assert says_quota(stage, code, text) is expected


@needs_database
@pytest.mark.parametrize(("command", "answer"), ABOUT_THE_MAIL)
async def test_a_refusal_that_only_sounds_like_a_quota(command: str, answer: str) -> None:
    async with smtp_server(Script({f"{command} {FIRST}": answer})) as server:
        first, *others = [await replied(server.port, str(number)) for number in range(4)]
        await OutboundMail.filter(id=first.id).update(recipient=FIRST)
        await worker().once()
        assert [await state(one) for one in (first, *others)] == [FAILED, SENT, SENT, SENT]
        assert (await server_row()).state is MailboxState.OK


@needs_database
async def test_a_mail_that_meets_a_quota_again_and_again_keeps_nobody_waiting() -> None:
    """In whatever words: this one no rule tells from a quota of ours."""
    script = Script({f"END {FIRST}": "550 5.7.1 rate limit exceeded"})
    async with smtp_server(script) as server:
        first, *others = [await replied(server.port, str(number)) for number in range(4)]
        await OutboundMail.filter(id=first.id).update(recipient=FIRST)
        hours = 0
        while await state(first) is QUEUED:
            await worker().once()
            await passed(HOUR)
            hours += 1
            if hours == 3:
                assert [await state(one) for one in others] == [SENT] * 3
        assert await state(first) is FAILED
        assert await shown(first) is DeliveryState.FAILED
        assert 45 < hours < 65
        assert server.times(first.message_id) == 0


@needs_database
async def test_a_true_quota_costs_no_mail() -> None:
    script = Script({"RCPT": "550 5.4.5 Daily user sending quota exceeded"})
    async with smtp_server(script) as server:
        mails = [await replied(server.port, str(number)) for number in range(4)]
        for _ in range(24):
            await worker().once()
            await passed(HOUR)
        script.answers = {}
        for _ in range(20):
            await worker().once()
            await passed(HOUR)
        assert [await state(one) for one in mails] == [SENT] * 4


@needs_database
async def test_a_server_that_cannot_be_reached_is_awaited_for_two_days() -> None:
    async with smtp_server() as server:
        pass
    old = await replied(server.port)
    (alert,) = await notice()
    for _ in range(10):
        await worker().once()
        await passed(HOUR)
    young = await replied(server.port, "due")
    hours = 10
    while await state(old) is QUEUED:
        await worker().once()
        await passed(HOUR)
        hours += 1
    assert hours in {49, 50}
    row = await OutboundMail.get(id=old.id)
    assert (row.state, await shown(old)) == (FAILED, DeliveryState.FAILED)
    assert row.reason.startswith(mail_endings.TOO_LATE)
    assert await state(alert) is FAILED, "though it was not its turn to be tried"
    assert await state(young) is QUEUED, "it has not waited so long"
    assert (await server_row()).state is MailboxState.UNREACHABLE


@needs_database
@pytest.mark.parametrize("how", ["BLOCKED", "REAUTHORISE", "PAUSED"])
async def test_who_waits_for_a_person_waits_as_long_as_it_takes(how: str) -> None:
    async with smtp_server() as server:
        pass
    mail = await replied(server.port)
    paused = how == "PAUSED"
    await MailServer.all().update(state=how, paused=paused, trouble_since=await clock())
    for _ in range(6):
        await worker().once()
        await passed(FAR)
    assert await state(mail) is QUEUED
    await MailServer.all().update(state=MailboxState.OK, paused=False, trouble_since=None)
    await worker().once()
    assert await state(mail) is QUEUED, "two days from when it could not be reached"


@needs_database
async def test_a_new_mailbox_has_its_turn_before_busy_ones() -> None:
    busy = await replied(1)
    took = await mail_leases.take_server("a")
    assert took is not None
    await lapsed()
    box = await mailbox("nuova@demo.test")
    fresh = await server(box, MailDirection.OUT, 1)
    await OutboundMail.filter(id=busy.id).update(lease_owner="")
    (second,) = await notice()
    await OutboundMail.filter(id=second.id).update(mailbox_id=box.id)
    found = await unit_of_work(lambda: mail_leases.take_server("b"))
    assert found is not None
    assert found.id == fresh.id
