"""Who wrote it: nobody can be made to look like somebody else."""

import pytest

from mail.parse import parse
from tests.mail.mails import check, mail

AGENT = "agent@corp.example"
EVIL = "x@evil.example"

SPOOFS: list[tuple[str | bytes, str | None]] = [
    ("=?utf-8?q?agent=40corp.example?= <x@evil.example>", EVIL),
    ("=?utf-8?b?YWdlbnRAY29ycC5leGFtcGxl?= <x@evil.example>", EVIL),
    ("=?utf-8?q?agent=40corp.example=3E?= <x@evil.example>", EVIL),
    ("=?utf-8?q?=3Cagent=40corp.example=3E=2C?= <x@evil.example>", EVIL),
    ("agent@corp.example <x@evil.example>", EVIL),
    ('"agent@corp.example" <x@evil.example>', EVIL),
    ('"<agent@corp.example>" <x@evil.example>', EVIL),
    ("'agent@corp.example' <x@evil.example>", EVIL),
    ("x@evil.example (agent@corp.example)", EVIL),
    ("x@evil.example (<agent@corp.example>)", EVIL),
    ("(agent@corp.example) x@evil.example", EVIL),
    ("x@evil.example, agent@corp.example", EVIL),
    ("=?utf-8?q?agent=40corp.example?=", None),
    ("<=?utf-8?q?agent=40corp.example?=>", None),
    ("=?utf-8?q?agent=40corp.example=2C?= =?utf-8?q?x?=@evil.example", None),
    ("Agent <agent@corp.example <x@evil.example>>", None),
    ("Agent <<agent@corp.example> x@evil.example>", None),
    ("Agent <agent@corp.example> <x@evil.example>", None),
    ("Agent <x@evil.example> <agent@corp.example>", None),
    ("=?a?q?<x@evil.example>?= <agent@corp.example>", None),
    ("<agent@corp.example> x@evil.example", None),
    ("<agent@corp.example>x@evil.example", None),
    ('"agent@corp.example"@evil.example', None),
    ('"agent@corp.example "@evil.example', None),
    ("agent@corp.example@evil.example", None),
    ("<agent@corp.example@evil.example>", None),
    ("agent@corp.example(@evil.example)@evil.example", None),
    ("agent(x)@corp.example", None),
    ("agent@(x)corp.example", None),
    ("<@evil.example:agent@corp.example>", None),
    ("<@a.example,@evil.example:agent@corp.example>", None),
    ("Staff: agent@corp.example;", None),
    ("Staff: agent@corp.example, x@evil.example;", None),
    ("undisclosed-recipients:;", None),
    (b"agent@corp.example\0@evil.example", None),
    (b"<agent@corp\0.example>", None),
    (b"<agent@corp.example\r>", None),
    ("<agent @corp.example>", None),
    ("agent@corp.example x@evil.example", None),
    ("<agent@corp.example", None),
    ("agent@\u212aorp.example", None),
    ("agent@\uff43orp.example", None),
    ("agent@corp\u3002example", None),
    ("agent@corp\u200b.example", None),
    ("agent@corp.example\u202e", None),
    ("agent\uff20corp.example", None),
    ("<agent%corp.example@[10.0.0.1]>", None),
    ("", None),
    ("<>", None),
    ("undisclosed", None),
]


@pytest.mark.parametrize(("header", "address"), SPOOFS)
def test_nobody_looks_like_somebody_else(header: str | bytes, address: str | None) -> None:
    message = parse(mail(sender=header))
    check(message)
    assert message.sender.address == address
    assert message.sender.address != AGENT
    if header not in ("", "<>"):
        assert message.sender.shown
    assert message.defects


@pytest.mark.parametrize(
    ("header", "address", "name"),
    [
        ("max@x.example", "max@x.example", ""),
        ("<Max@X.Example>", "max@x.example", ""),
        ("Max Muster <max@x.example>", "max@x.example", "Max Muster"),
        ('"Muster, Max" <max@x.example>', "max@x.example", "Muster, Max"),
        ('"Max \\"M\\" Muster" <max@x.example>', "max@x.example", 'Max "M" Muster'),
        ("Muster, Max <max@x.example>", "max@x.example", "Muster, Max"),
        ("max@x.example (Max Muster)", "max@x.example", "Max Muster"),
        ("=?utf-8?b?0JjQstCw0L0=?= <i@x.example>", "i@x.example", "Иван"),
        ("=?utf-8?b?0Jg=?=\r\n =?utf-8?b?0LLQsNC9?= <i@x.example>", "i@x.example", "Иван"),
        ("=?utf-8?b?0JjQstA=?= =?utf-8?b?sNC9?= <i@x.example>", "i@x.example", "Иван"),
        ("=?koi8-r?B?6dfBzg==?= <i@x.example>", "i@x.example", "Иван"),
        ("=?utf-8?q?Muster,_Max_(IT)?= <max@x.example>", "max@x.example", "Muster, Max (IT)"),
        ('"=?utf-8?q?M=C3=BCller?=" <m@x.example>', "m@x.example", "Müller"),
        ("=?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <y@x.example>", "y@x.example", "山田"),
        ("max+tag_1.2@sub.x-y.example", "max+tag_1.2@sub.x-y.example", ""),
        ("root@localhost", "root@localhost", ""),
        (
            "MAILER-DAEMON@x.example (Mail Delivery System)",
            "mailer-daemon@x.example",
            "Mail Delivery System",
        ),
        ('"max@x.example" <max@x.example>', "max@x.example", "max@x.example"),
        ("'max@x.example' <max@x.example>", "max@x.example", "'max@x.example'"),
        ("o'neill@x.example", "o'neill@x.example", ""),
    ],
)
def test_plain_senders(header: str, address: str, name: str) -> None:
    message = parse(mail(sender=header))
    check(message)
    assert (message.sender.address, message.sender.name) == (address, name)
    assert message.sender.shown == ""
    assert message.defects == ()


def test_letters_beyond_ascii_stay_and_are_shown() -> None:
    sender = parse(mail(sender="Agent <agent@c\u03bfrp.example>")).sender
    assert sender.address == "agent@c\u03bfrp.example"
    assert "xn--" in sender.shown


def test_the_first_of_several_is_the_contact() -> None:
    message = parse(mail(sender="A <a@x.example>, b@x.example", Reply_To="C <c@y.example>"))
    assert message.sender.address == "a@x.example"
    assert "b@x.example" in message.sender.shown
    assert message.reply_to
    assert message.reply_to.address == "c@y.example"


def test_several_headers_that_differ_are_nobody() -> None:
    message = parse(mail(sender=EVIL, from_=AGENT).replace(b"from-:", b"From:"))
    assert message.sender.address is None
    assert AGENT in message.sender.shown
    assert EVIL in message.sender.shown
    assert parse(mail(sender=EVIL, from_=EVIL).replace(b"from-:", b"From:")).sender.address == EVIL


def test_no_from() -> None:
    message = parse(b"Subject: x\n\nHi")
    assert message.sender.address is None
    assert message.text == "Hi"


def test_raw_bytes_and_nul_in_a_name() -> None:
    message = parse(mail(sender=b"J\xfcr\0gen <j@x.example>"))
    check(message)
    assert (message.sender.address, message.sender.name) == ("j@x.example", "Jürgen")


def test_parentheses_without_end() -> None:
    for header in ("(" * 2000, "(" * 2000 + " <a@x.example>", "((" * 50_000 + "))" * 50_000):
        check(parse(mail(sender=header)))
    assert parse(mail(sender="(" * 2000 + ")" * 2000 + "<a@x.example>")).sender.address


def test_a_reply_to_that_is_the_sender_is_none() -> None:
    assert parse(mail(reply_to="MAX@x.example")).reply_to is None
