"""Any bytes at all: nothing raises, nothing unsafe or unstorable comes out."""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mail.parse import parse
from tests.mail.mails import check, encoded, mail, multipart, nested, part
from tests.mail.test_parse_html import ATTACKS

SEED = int(os.environ.get("SPORTELLO_FUZZ_SEED", "0")) or random.SystemRandom().randrange(10**9)
ROUNDS = int(os.environ.get("SPORTELLO_FUZZ_ROUNDS", "300"))
NAMES = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Date",
    "Return-Path",
    "Reply-To",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Received",
    "Content-Disposition",
    "Auto-Submitted",
    "Precedence",
    "List-Id",
    "X-Failed-Recipients",
    "Authentication-Results",
    "Delivered-To",
    "X-Helpdesk-Loop",
    "Content-ID",
    "X-\xff",
]
PIECES = [
    "<",
    ">",
    "@",
    "a@b.example",
    '"',
    "(",
    ")",
    "\\",
    ",",
    ";",
    ":",
    "=?utf-8?q?=00?=",
    "=?utf-8?b?gICA?=",
    "=?x?b?=?=",
    "\r\n ",
    "\0",
    "\xff",
    "\udcfc",
    "\u202e",
    "multipart/mixed",
    "; boundary=b",
    "; boundary*0=b; boundary*1=c",
    "text/html",
    "text/plain",
    "base64",
    "quoted-printable",
    "; charset=utf-7",
    "; charset=x\0",
    "; charset=iso-2022-jp",
    "message/rfc822",
    "; name*=utf-8''%00%ff",
    "; format=flowed",
    " ",
    "x" * 300,
    "Mon, 99 Foo 9999 99:99:99 +9999",
    "multipart/report; report-type=delivery-status",
    "message/delivery-status",
    "application/ms-tnef",
    "text/calendar",
    "1.2.3",
]

header = st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(PIECES), max_size=8)).map(
    lambda one: f"{one[0]}: {''.join(one[1])}\r\n".encode("utf-8", "surrogatepass")
)
body = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [*ATTACKS, "\n> x\n", "On a, b wrote:\n", "--b\n", "--b--\n", "begin 644 x\n"]
        ),
        max_size=6,
    ).map(lambda found: "".join(found).encode()),
)
entity = st.recursive(
    st.tuples(st.lists(header, max_size=8), body).map(
        lambda one: b"".join(one[0]) + b"\r\n" + one[1]
    ),
    lambda inner: st.tuples(st.lists(header, max_size=4), st.lists(inner, max_size=4)).map(
        lambda one: (
            b"Content-Type: multipart/related; boundary=b\r\n"
            + b"".join(one[0])
            + b"\r\n"
            + b"".join(b"--b\r\n" + each + b"\r\n" for each in one[1])
        )
    ),
    max_leaves=12,
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(entity)
def test_any_structure(raw: bytes) -> None:
    check(parse(raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes(raw: bytes) -> None:
    check(parse(raw))
    check(parse(b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + raw))


def corpus() -> list[bytes]:
    """Mails of every shape, to be broken."""
    html = "<div>Hi <img src=cid:a@b></div><div class=gmail_quote><blockquote>x</blockquote></div>"
    return [
        mail("Hi\n\nOn Mon, A wrote:\n> x\n> y\n", subject="=?utf-8?q?=C3=A4?=", to="a@b.example"),
        multipart(
            "mixed",
            nested(
                "alternative", part("text/plain; charset=utf-8", "Grüße"), part("text/html", html)
            ),
            encoded("image/png", b"\x89PNG" * 20, "Content-ID: <a@b>"),
            encoded("application/pdf; name*=utf-8''%C3%A4.pdf", b"%PDF" * 30),
            part("message/rfc822", mail("inner", subject="Inner")),
            part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nSUMMARY:x\r\nEND:VCALENDAR"),
        ),
        multipart(
            "report; report-type=delivery-status",
            part("text/plain", "failed"),
            part(
                "message/delivery-status",
                "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;"
                " a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
            ),
            part("message/rfc822", mail("x", message_id="<a@b>")),
        ),
        multipart("signed", part("text/plain", "signed"), part("application/pgp-signature", "x")),
        mail(b"\x1b$B;3ED\x1b(B", content_type="text/plain; charset=iso-2022-jp"),
        mail("begin 644 a.txt\n#0V%T\n`\nend\n"),
    ]


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The same with a few faults."""
    out = bytearray(raw)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(6):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del out[at:]
            case 2:
                del out[at : at + chance.randrange(1, 60)]
            case 3:
                out[at:at] = out[chance.randrange(len(out) + 1) :][:200]
            case 4:
                out[at:at] = chance.choice(PIECES).encode("utf-8", "surrogatepass")
            case _:
                out[at:at] = chance.choice(corpus())
        out = out or bytearray(b"\n")
    return bytes(out)


def test_broken_mails() -> None:
    """Seeded; the seed is shown when it fails, and can be given again."""
    chance = random.Random(SEED)  # noqa: S311
    found = corpus()
    for number in range(ROUNDS):
        raw = mutated(chance.choice(found), chance)
        try:
            check(parse(raw))
        except Exception:  # noqa: BLE001
            pytest.fail(f"SPORTELLO_FUZZ_SEED={SEED}, round {number}: {raw!r}")
