"""File names: harmless on the way in, whole on the way out."""

import pytest
from hypothesis import given, strategies as st

from app.files.names import content_disposition, disposition_parameters, sanitised


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Anna\\letter.pdf", "letter.pdf"),
        ("  two   words .pdf  ", "two words .pdf"),
        ("line\r\nbreak\0.txt", "linebreak.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("e\u0301te\u0301.txt", "été.txt"),
        (".htaccess", ".htaccess"),
        ("..", "file"),
        ("/", "file"),
        ("\x01", "file"),
        ("trailing. . .", "trailing"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("x" * 300, "x" * 255),
        ("x." + "y" * 300, "x." + "y" * 253),
    ],
)
def test_a_name_is_made_harmless(given_name: str, kept: str) -> None:
    assert sanitised(given_name) == kept


@given(st.text())
def test_any_name_becomes_one_that_can_be_kept_and_sent(name: str) -> None:
    kept = sanitised(name)
    assert 1 <= len(kept) <= 255
    assert not set(kept) & set("/\\\0\r\n")
    assert sanitised(kept) == kept
    header = content_disposition("attachment", kept)
    assert header.isascii()
    assert header.isprintable()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b'form-data; name="file"; filename="a.txt"', "a.txt"),
        (b"form-data; name=file; filename=a.txt", "a.txt"),
        (b'form-data; name="file"; filename="a;b \\"c\\".txt"', 'a;b "c".txt'),
        (b'form-data; name="file"; filename="a%22b%20.txt"', 'a"b%20.txt'),
        ('form-data; name="file"; filename="città.txt"'.encode(), "città.txt"),
        ('form-data; name="file"; filename="città.txt"'.encode("latin-1"), "città.txt"),
        (b"form-data; name=file; filename=x; filename*=UTF-8''citt%C3%A0.txt", "città.txt"),
        (b"form-data; name=file; filename*=iso-8859-1'it'citt%E0.txt; filename=x", "città.txt"),
        (b"form-data; name=file; filename*=koi8-r''x%C1; filename=x", "x"),
        (b"form-data; name=file; FileName=a.txt", "a.txt"),
        (b"form-data; name=file; filename=a.txt; filename=b.txt", "a.txt"),
        (b'form-data; name=file; filename=""', ""),
        (b"form-data; name=file", None),
    ],
)
def test_the_declared_name_is_read(header: bytes, name: str | None) -> None:
    parameters = disposition_parameters(header)
    assert parameters["name"] == "file"
    assert parameters.get("filename") == name


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.txt", "inline; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        (
            "№ 1.pdf",
            "inline; filename=\"No 1.pdf\"; filename*=UTF-8''%E2%84%96%201.pdf",
        ),
        ("письмо.pdf", None),
        ("東京", None),
        (
            "50% \\ off'.txt",
            "inline; filename=\"50_ _ off'.txt\"; filename*=UTF-8''50%25%20%5C%20off%27.txt",
        ),
    ],
)
def test_the_name_goes_out_twice(name: str, header: str | None) -> None:
    sent = content_disposition("inline", name)
    assert sent.startswith('inline; filename="') if header is None else sent == header
    if header is None:
        plain = sent.split('"')[1]
        assert plain == ("file.pdf" if name.endswith(".pdf") else "file")
