"""Mails that are too much of something: the limits act, and what was left is said."""

from mail.parse import parse
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
