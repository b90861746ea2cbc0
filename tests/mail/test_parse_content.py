"""What a mail says: charsets, parts, files, notes and the limits of all of them."""

# ruff: noqa: E501 (mails stand here as they come)

import base64

import pytest

from mail.parse import parse
from tests.mail.mails import check, encoded, mail, multipart, part, read


@pytest.mark.parametrize(
    ("charset", "raw", "text"),
    [
        ("iso-2022-jp", "日本語です".encode("iso2022_jp"), "日本語です"),
        ("gb2312", "中文".encode("gb2312") + b"\xff" + "镕".encode("gbk"), "中文\ufffd镕"),
        ("gb2312", "朱镕基".encode("gbk"), "朱镕基"),
        ("x-unknown", b"Gr\xfc\xdfe", "Grüße"),
        ("x-unknown", "Grüße".encode(), "Grüße"),
        ("", "Привет".encode(), "Привет"),
        ("us-ascii", b"Gr\xfc\xdfe", "Grüße"),
        ("utf-8", b"Gr\xfc\xdfe \x80", "Grüße €"),
        ("utf-8", "Grüße aus München \u20ac".encode()[:-1], "Grüße aus München \ufffd"),
        ("iso-8859-1", b"\x93quoted\x94 \x80", "“quoted” €"),
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("ks_c_5601-1987", "한국어".encode("cp949"), "한국어"),
        ("shift_jis", "①日本".encode("cp932"), "①日本"),
        ("big5", "中文".encode("big5"), "中文"),
        ("iso-8859-15", b"\xa4", "€"),
        ("utf-16", "Grüße".encode("utf-16"), "Grüße"),
        ("utf-7", b"Gr+APwA3w-e", "Grüße"),
        ("utf-7", b"+2AA-x", "x"),
        ("cp1252", b"a\x81b", "ab"),
        ("rot13", b"Hello", "Hello"),
        ("idna", b"Hello", "Hello"),
        ("utf-8\0", b"a\0b\x1bc", "abc"),
    ],
)
def test_charsets(charset: str, raw: bytes, text: str) -> None:
    """Case 37."""
    message = parse(encoded_text(raw, charset))
    check(message)
    assert message.text.endswith(text)


def encoded_text(raw: bytes, charset: str) -> bytes:
    return b"From: a@b.example\r\n" + encoded(f'text/plain; charset="{charset}"', raw)


def test_bad_transfer_encodings() -> None:
    for encoding, body, text in (
        ("base64", "SGVsbG8", "Hello"),
        ("base64", "SGVs bG8h*SGVsbG8\r\n-- \r\n", "Hello!Hello"),
        ("base64", "!", ""),
        ("quoted-printable", "Gr=C3=BC=DFe =ZZ x=", "Gr"),
        ("x-unheard-of", "Hello", "Hello"),
        ("8bit", "Hello", "Hello"),
    ):
        message = parse(mail(body, Content_Transfer_Encoding=encoding))
        check(message)
        assert message.text.startswith(text)


def test_uuencoded_text() -> None:
    message = parse(mail("See:\nbegin 644 a/b.txt\n#0V%T\n`\nend\nbye\n"))
    check(message)
    assert [(one.name, one.content) for one in message.files] == [("b.txt", b"Cat")]
    assert "See:" in message.text
    assert "bye" in message.text
    assert "begin" not in message.text


def test_flowed() -> None:
    message = parse(
        mail("One \ntwo.\n\n> quoted \n> more\n-- \nMax", content_type="text/plain; format=flowed")
    )
    assert message.text == "One two.\n\n> quoted more\n-- \nMax"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\x\\\\a.doc"', "a.doc"),
        ("attachment; filename=a.pdf", "a.pdf"),
        ("attachment; filename*=utf-8''%D1%8F.pdf", "я.pdf"),
        ("attachment; filename*0*=utf-8''%D1%8F; filename*1*=%D1%8F; filename*2=.pdf", "яя.pdf"),
        ('attachment; filename*0="long"; filename*1="er.pdf"', "longer.pdf"),
        ('attachment; filename="=?utf-8?b?0Y8ucGRm?="', "я.pdf"),
        ('attachment; filename="fdp.\u202eexe"', "fdp.exe"),
        ('attachment; filename="a\tb\x01c.pdf"', "abc.pdf"),
        ('attachment; filename="con.txt"', "_con.txt"),
        ('attachment; filename="LPT1"', "_LPT1"),
        ('attachment; filename="a<b>:|?*.pdf"', "a_b_____.pdf"),
        ('attachment; filename="..."', "attachment-1.pdf"),
        ('attachment; filename="a.pdf. . "', "a.pdf"),
        ("attachment", "attachment-1.pdf"),
        (f'attachment; filename="{"x" * 400}.pdf"', "x" * 196 + ".pdf"),
    ],
)
def test_file_names(header: str, name: str) -> None:
    given = encoded("application/pdf", b"%PDF", f"Content-Disposition: {header}")
    message = parse(multipart("mixed", part("text/plain", "Hi"), given))
    check(message)
    assert [one.name for one in message.files] == [name]
    assert message.files[0].content == b"%PDF"


def test_texts_between_files_are_all_said() -> None:
    message = parse(
        multipart(
            "mixed",
            part("text/plain", "first"),
            encoded("image/png", b"x", "Content-Disposition: inline; filename=a.png"),
            part("text/plain", "second"),
            part("text/plain; name=log.txt", "log"),
            part("text/plain", "data", "Content-Disposition: attachment"),
        )
    )
    check(message)
    assert message.text == "first\n\nsecond"
    assert read(message.html) == "firstsecond"
    assert [one.name for one in message.files] == ["a.png", "log.txt", "attachment-3.txt"]


def test_the_text_part_and_the_html_part() -> None:
    message = parse(
        multipart(
            "alternative",
            part("text/plain", "*rich*"),
            part("text/html", "<b>rich</b>"),
            part("text/x-amp-html", "<amp>"),
            part("text/calendar", "SUMMARY:Lunch"),
        )
    )
    assert (message.text, message.html) == ("*rich*", "<b>rich</b>")
    assert message.notes == ("invitation: Lunch",)
    empty = parse(
        multipart("alternative", part("text/plain", " \r\n"), part("text/html", "<p>a<p>b"))
    )
    assert empty.text == "a\nb"


def test_an_invitation() -> None:
    """Case 34."""
    ics = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY;LANGUAGE=en:Plan\\, and\r\n  more\r\nEND:VCALENDAR"
    message = parse(
        multipart("mixed", part("text/plain", "Come"), part("text/calendar; method=REQUEST", ics))
    )
    check(message)
    assert message.notes == ("invitation: Plan, and more",)
    assert [(one.name, one.media_type) for one in message.files] == [
        ("invitation.ics", "text/calendar")
    ]


def test_forwarded_as_attachment() -> None:
    """Case 35."""
    inner = mail("deep", subject="Level 5", sender="deep@x.example")
    for level in range(4, 0, -1):
        inner = multipart(
            "mixed",
            part("text/plain", f"level {level}"),
            part("message/rfc822", inner),
            boundary=f"b{level}",
            subject=f"Level {level}",
        )
    message = parse(multipart("mixed", part("text/plain", "See"), part("message/rfc822", inner)))
    check(message)
    assert message.sender.address == "max@x.example"
    assert message.text == "See"
    assert [one.name for one in message.files] == [f"Level {n}.eml" for n in range(1, 5)]
    assert message.files[0].content.strip() == inner.strip()


def test_encrypted_and_signed() -> None:
    """Case 36."""
    pgp = parse(
        multipart(
            'encrypted; protocol="application/pgp-encrypted"',
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream", "-----BEGIN PGP MESSAGE-----"),
        )
    )
    assert pgp.notes == ("encrypted, cannot be read", "no readable text")
    assert [one.name for one in pgp.files] == ["encrypted.asc"]
    opaque = parse(
        b"From: a@b.example\r\n" + encoded("application/pkcs7-mime; name=smime.p7m", b"0x")
    )
    assert opaque.notes[0] == "encrypted, cannot be read"
    assert [one.name for one in opaque.files] == ["smime.p7m"]
    signed = parse(
        multipart(
            "signed",
            part("text/plain", "readable"),
            encoded("application/pkcs7-signature; name=smime.p7s", b"0x"),
        )
    )
    assert (signed.text, signed.files) == ("readable", ())
    assert signed.notes == ("signed; the signature was left out and not checked",)
    for one in (pgp, opaque, signed):
        check(one)


def test_winmail() -> None:
    """Case 33; a TNEF stream of one attachment, and one that is none."""
    broken = parse(
        b"From: a@b.example\r\n" + encoded("application/ms-tnef; name=winmail.dat", b"x" * 50)
    )
    check(broken)
    assert [one.name for one in broken.files] == ["winmail.dat"]
    assert broken.notes == ("winmail.dat, which only Outlook can read", "no readable text")
    good = parse(
        b"From: a@b.example\r\n" + encoded("application/ms-tnef; name=winmail.dat", tnef())
    )
    check(good)
    assert [(one.name, one.content) for one in good.files] == [("a.txt", b"content")]
    assert good.text == "Body"


def tnef() -> bytes:
    def attribute(level: int, name: int, type: int, data: bytes) -> bytes:
        head = bytes([level]) + name.to_bytes(2, "little") + type.to_bytes(2, "little")
        return (
            head
            + len(data).to_bytes(4, "little")
            + data
            + (sum(data) % 65536).to_bytes(2, "little")
        )

    return (
        (0x223E9F78).to_bytes(4, "little")
        + b"\1\0"
        + attribute(1, 0x800C, 2, b"Body\0")
        + attribute(2, 0x9002, 6, b"\0" * 14)
        + attribute(2, 0x8010, 1, b"a.txt\0")
        + attribute(2, 0x800F, 6, b"content")
    )


def test_ends_anywhere() -> None:
    whole = multipart(
        "mixed", part("text/plain", "Hello"), encoded("image/png", base64.b64encode(b"x" * 90))
    )
    for end in range(len(whole)):
        check(parse(whole[:end]))


def test_a_multipart_without_its_boundary_is_still_read() -> None:
    whole = multipart(
        "mixed", part("text/plain", "Hello"), part("text/html", "<p>you"), boundary="boundary"
    )
    undeclared = parse(
        whole.replace(b'; boundary="boundary"', b"").replace(b"--bound", b"\r\n--bound")
    )
    assert undeclared.text == "Hello\n\nyou"
    other = parse(whole.replace(b'boundary="boundary"', b'boundary="else"'))
    check(other)
    assert "Hello" in other.text
    assert "no readable text" not in other.notes
