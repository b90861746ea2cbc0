"""Mails that are too much of something: the limits act, and what was left is said."""

import pytest

from mail.parse import parse
from mail.parsing.body import body_of
from mail.parsing.content import Content
from mail.parsing.lines import Line, Tries, fold_at
from mail.parsing.pieces import Piece
from tests.mail.mails import check, encoded, mail, multipart, nested, part


def test_limits() -> None:
    """Case 38."""
    many = parse(
        multipart("mixed", *(encoded(f"image/png; name={n}.png", b"%d" % n) for n in range(70)))
    )
    assert len(many.files) == 70
    more = parse(
        multipart("mixed", *(encoded(f"image/png; name={n}.png", b"%d" % n) for n in range(170)))
    )
    assert len(more.files) == 100
    assert "attachments left out, only in the original: 70" in more.notes
    deep = part("text/plain", "bottom")
    for n in range(1000):
        deep = nested("mixed", part("text/plain", "x"), deep, boundary=f"n{n}")
    check(parse(b"From: a@b.example\r\n" + deep))
    wide = parse(multipart("mixed", *(part("text/plain", "x") for _ in range(3000))))
    check(wide)
    assert "more parts than are looked at" in wide.defects
    everybody = ", ".join(f"P {n} <p{n}@x.example>" for n in range(5000))
    crowd = parse(mail(to=everybody, cc="x@y.example"))
    check(crowd)
    assert len(crowd.to) == 1000
    assert "p4998@x.example" in crowd.delivered_to
    assert "5001 recipients" in crowd.defects
    for raw in (
        b"x" * 3_000_000,
        b"\n" * 3_000_000,
        b"a: b\n" * 300_000,
        b"--x\n" * 500_000,
        b"a:" + b"=?" * 1_000_000,
        b"From: " + b"<" * 1_000_000,
        b">" * 1_000_000,
    ):
        check(parse(raw))
        check(parse(b"From: a@b.example\n\n" + raw))


def test_long_text_is_shortened_and_kept() -> None:
    body = "Line of text.\r\n" * 40_000
    message = parse(mail(body))
    check(message)
    assert message.text.startswith("Line of text.\nLine")
    assert "shortened here; the whole text is attached" in message.notes
    assert message.files[0].name == "message.txt"
    assert message.files[0].content.count(b"Line") == 40_000


SLOW = ("On " + " " * 200 + ":", "On " + "a " * 140 + ":", "On " + "schrieb " * 36 + "\nx:")
"""Lines like the one that attributes a quote: each costs the patterns milliseconds."""


@pytest.mark.parametrize("line", SLOW)
@pytest.mark.parametrize("type", ["plain", "html"])
def test_many_texts_of_slow_lines_are_read(line: str, type: str) -> None:
    end = "<br>\n" if type == "html" else "\n"
    text = f"Hello{end}" + f"{line}{end}" * 60
    message = parse(multipart("mixed", *[part(f"text/{type}", text)] * 50))
    check(message)
    assert message.text.startswith("Hello\nOn ")


@pytest.mark.parametrize("line", SLOW)
def test_all_texts_of_a_mail_are_given_as_many_tries_as_one(line: str) -> None:
    text = "Hello\n" + f"{line}\n" * 60
    content = Content(pieces=[Piece(text, None), Piece(None, text.replace("\n", "<br>"))] * 25)
    most = content.tries.left
    body_of(content, fold=True)
    assert most <= 200
    assert content.tries.left == 0


def test_one_try_finds_what_attributes_a_quote() -> None:
    lines = [Line("Yes.", quoted=False), Line("On Mon, Jane wrote:", quoted=False),
             Line("> So?", quoted=True)]  # fmt: skip
    assert fold_at(lines, Tries(2)) == 1
    assert fold_at(lines, Tries(0)) is None


def test_texts_are_put_into_html_no_further_than_is_shown() -> None:
    long = "A line of text.\n" * 25_000
    message = parse(multipart("mixed", *[part("text/plain", f"{n}\n{long}") for n in range(50)]))
    check(message)
    assert len(message.files) == 50
    assert all(one.content.count(b"A line") == 25_000 for one in message.files)


def test_flowed_text_of_one_line() -> None:
    message = parse(mail("a \n" * 400_000, content_type="text/plain; format=flowed"))
    check(message)
    assert message.files[0].content.strip() == (b"a " * 400_000).strip()
