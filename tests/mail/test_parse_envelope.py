"""The envelope and the ids of a mail, as far as its headers know them."""

import pytest

from mail.message import Vouched
from mail.parse import parse
from tests.mail.mails import check, mail


def test_envelope() -> None:
    message = parse(
        b"Return-Path: <max@x.example>\nDelivered-To: support@a.example\n"
        b"Received: from x by y with LMTP for <support@a.example>; Mon\n"
        b"Received: from z by x (Exim)\n\tfor helpme@a.example; Mon\n"
        b"X-Original-To: Info+x1@A.example\nFrom: max@x.example\nTo: Other <o@b.example>\n"
        b"Cc: c@b.example\nAuthentication-Results: mx.a.example 1; dmarc=fail header.from=x\n"
        b"Authentication-Results: forged; dmarc=pass\nX-Helpdesk-Loop: abc\n"
        b"Date: Fri, 1 Feb 2030 10:00:00 +0200\nMessage-ID: <a@b>\n\nHi"
    )
    check(message)
    assert message.delivered_to == (
        "info+x1@a.example",
        "support@a.example",
        "o@b.example",
        "c@b.example",
        "helpme@a.example",
    )
    assert message.return_path == "max@x.example"
    assert message.loop_ids == ("abc",)
    assert message.authentication == (
        Vouched("mx.a.example", "fail", "x"),
        Vouched("forged", "pass"),
    )
    assert message.date
    assert message.date.isoformat() == "2030-02-01T08:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "id"),
    [
        ("<a@b>", "a@b"),
        ("<>", ""),
        ("", ""),
        ("<[x@y]@z>", "[x@y]@z"),
        ("<<a@b>>", "a@b"),
        ("a@b", "a@b"),
        ("garbage with words", ""),
        ("<a\r\n b@c>", "ab@c"),
        ("<a@b", ""),
        ("<" + "x" * 300 + ">", ""),
        ("< a@b >", "a@b"),
        ("<\xff\0@b>", ""),
        ("<a@b> <c@d>", "a@b"),
    ],
)
def test_ids(value: str, id: str) -> None:
    """Case 5."""
    message = parse(mail(message_id=value, in_reply_to=value))
    check(message)
    assert message.message_id == id


def test_many_references() -> None:
    value = "\r\n ".join(f"<{n}@x>" for n in range(200))
    message = parse(mail(references=value, in_reply_to="Your mail of Monday <1@x> <2@x>"))
    assert message.references == tuple(f"{n}@x" for n in range(150, 200))
    assert message.in_reply_to == ("1@x", "2@x")


@pytest.mark.parametrize(
    "date", ["", "x", "Mon, 99 Foo 9999", "Mon, 1 Jan 9999 00:00:00 -9999", "1" * 5000]
)
def test_bad_dates(date: str) -> None:
    assert parse(mail(date=date)).date is None
