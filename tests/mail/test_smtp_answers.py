"""Answers of servers that keep to no rule: what they mean, and that they can be written down."""

import pytest

from mail import smtp
from mail.credentials import Password
from mail.outcomes import TEXT_LIMIT, Deferred, Outcome, Rejected, Sent, Uncertain, Unreachable
from mail.smtp import Where
from models.mail_enums import MailboxState, MailSecurity, OutboundState
from models.mails import OutboundMail
from tests.mail.raw_smtp import raw_smtp
from tests.mail.sending import (
    FAILED,
    QUEUED,
    SENT,
    UNCERTAIN,
    later,
    notice,
    replied,
    server_row,
    state,
    worker,
)

MALFORMED = [
    b"OK queued\r\n",
    b"250 " + b"x" * 9000 + b"\r\n",
    b"25\r\n",
    b"354 what\r\n",
    b"999 what\r\n",
    b"\r\n",
]
NAMES = ["no code", "too long", "two digits", "354", "999", "empty"]


async def outcome(answers: dict[str, bytes]) -> Outcome:
    async with raw_smtp(answers) as server:
        where = Where("127.0.0.1", server.port, MailSecurity.NONE, timeout_s=1, content_timeout_s=1)
        return await smtp.send(
            where, Password("", ""), "desk@demo.test", ["to@demo.test"], b"Subject: x\r\n\r\nx\r\n"
        )


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("answer", MALFORMED, ids=NAMES)
async def test_what_is_no_answer_after_the_mail_is_doubt(answer: bytes) -> None:
    async with raw_smtp({"END": answer}) as server:
        mail = await replied(server.port)
        for _ in range(3):
            await worker().once()
            await later()
        assert await state(mail) is UNCERTAIN
        assert server.times(mail.message_id) == 1


@pytest.mark.parametrize("answer", MALFORMED, ids=NAMES)
async def test_what_is_no_answer_before_the_mail_defers_it(answer: bytes) -> None:
    for command in ("MAIL", "RCPT"):
        done = await outcome({command: answer})
        assert isinstance(done, Deferred), (command, done)


def latin(text: str) -> bytes:
    return text.encode("latin-1") + b"\r\n"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("command", "answer", "expected", "text"),
    [
        ("END", latin("250 reçu"), SENT, "reçu"),
        ("RCPT", latin("550 destinataire refusé"), FAILED, "destinataire refusé"),
        ("END", latin("550 refusé"), FAILED, "refusé"),
        ("END", b"550 refus\xc3\xa9\r\n", FAILED, "refusé"),
        ("END", b"550 no\x00pe\x1b\r\n", FAILED, "nope"),
        ("EHLO", latin("554 refusé"), QUEUED, "EHLO: refusé"),
    ],
)
async def test_words_that_are_not_utf_8(
    command: str, answer: bytes, expected: OutboundState, text: str
) -> None:
    async with raw_smtp({command: answer}) as server:
        mail = await replied(server.port)
        (other,) = await notice()
        for _ in range(2):
            await worker().once()
            await later()
        for one in (mail, other):
            row = await OutboundMail.get(id=one.id)
            assert row.state is expected
            assert row.smtp_reply == ("" if expected is QUEUED and one is other else text)
            assert server.times(one.message_id) <= 1
        row = await server_row()
        assert row.state is (MailboxState.UNREACHABLE if expected is QUEUED else MailboxState.OK)
        assert row.lease_owner == ""


async def test_a_greeting_in_latin_1() -> None:
    async with raw_smtp(greeting=latin("554 refusé")) as server:
        where = Where("127.0.0.1", server.port, MailSecurity.NONE, timeout_s=1)
        done = await smtp.send(where, Password("", ""), "a@demo.test", ["b@demo.test"], b"x")
        assert isinstance(done, Unreachable)
        assert done.text == "refusé"


def test_what_is_kept_of_words() -> None:
    assert Sent(250, "a\udce7\0\x07b\nc").text == "açb\nc"
    assert Sent(250, "\ud800\U0001f600").text == "\ufffd\U0001f600"
    assert Rejected(550, "é" * 1000).text == "é" * TEXT_LIMIT
    assert Uncertain(None, "x").text == "x"
