"""What a file is: by its content, whatever its name says."""

import io
import wave
import zipfile

import pytest

from app.files.media_types import HEAD, INLINE, media_type

OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def packed(*entries: tuple[str, str]) -> bytes:
    """A zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in entries:
            file.writestr(zipfile.ZipInfo(name), content)
    return archive.getvalue()


def sound() -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0" * 10)
    return written.getvalue()


WORD = packed(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "x"))
SHEET = packed(("[Content_Types].xml", "<Types/>"), ("_rels/.rels", ""), ("xl/workbook.xml", "x"))
SLIDES = packed(("[Content_Types].xml", "<Types/>"), ("ppt/presentation.xml", "x"))
UNDECIDED = packed(("[Content_Types].xml", "<Types/>"), ("docProps/app.xml", "x"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\0\x01\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0", "image/bmp"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heif"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "image/avif"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0", "image/jp2"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "video/mp4"),
        (sound(), "audio/x-wav"),
        (b"ID3\x03\0\0", "audio/mpeg"),
        (b"\x1f\x8b\x08\0", "application/gzip"),
        (b"7z\xbc\xaf'\x1c\0\4", "application/x-7z-compressed"),
        (b"MZ\x90\0\3\0\0\0", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF\2\1\1\0", "application/x-executable"),
        (bytes.fromhex("308006092a864886f70d010702a0"), "application/pkcs7-mime"),
        (b"{\\rtf1 x", "application/rtf"),
        (packed(("a.txt", "x")), "application/zip"),
        (WORD, OFFICE + "wordprocessingml.document"),
        (SHEET, OFFICE + "spreadsheetml.sheet"),
        (SLIDES, OFFICE + "presentationml.presentation"),
        (packed(("mimetype", OPEN_DOCUMENT + "text"), ("x", "")), OPEN_DOCUMENT + "text"),
        (packed(("mimetype", "application/epub+zip"), ("x", "")), "application/epub+zip"),
        (packed(("mimetype", "application/pdf"), ("x", "")), "application/zip"),
        (packed(("word/x.txt", "")), "application/zip"),
        (packed(("[Content_Types].xml", ""), ("password/x", "")), "application/zip"),
        (OLE, "application/x-ole-storage"),
        (b"Plain words.\r\n\tAnd more.", "text/plain"),
        ("Città, 東京, Владивосток".encode(), "text/plain"),
        ("\ufeffwith a mark".encode(), "text/plain"),
        ("in wide letters".encode("utf-16"), "text/plain"),
        (b"", "text/plain"),
        (b"*** Diff-like, and no patch", "text/plain"),
        (b"caf\xe9", "application/octet-stream"),
        (b"nul\0inside", "application/octet-stream"),
        (b"\xff\xff\xff\xff\0\0", "application/octet-stream"),
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"  \n<HTML lang=en>", "text/html"),
        (b"<!-- a comment --><script>x</script>", "text/html"),
        ("<html>".encode("utf-16"), "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><!-- x --><!DOCTYPE svg><svg:svg/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><note/>", "application/xml"),
        (b"<3 you all", "text/plain"),
    ],
)
def test_the_content_says_what_it_is(content: bytes, expected: str) -> None:
    for name in ("file", "file.pdf", "photo.jpg", "page.html", "drawing.svg"):
        assert media_type(content[:HEAD], name) == expected


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (UNDECIDED, "letter.docx", OFFICE + "wordprocessingml.document"),
        (UNDECIDED, "Sheet.XLSX", OFFICE + "spreadsheetml.sheet"),
        (packed(("x", "")), "letter.odt", OPEN_DOCUMENT + "text"),
        (UNDECIDED, "letter.pdf", "application/zip"),
        (WORD, "letter.xlsx", OFFICE + "wordprocessingml.document"),
        (OLE, "old.doc", "application/msword"),
        (OLE, "old.xls", "application/vnd.ms-excel"),
    ],
)
def test_the_name_breaks_ties_between_packages_alone(
    content: bytes, name: str, expected: str
) -> None:
    assert media_type(content, name) == expected


def test_a_letter_cut_in_two_at_the_end_of_the_head_is_still_text() -> None:
    content = ("x" + "я" * HEAD).encode()
    assert media_type(content[:HEAD], "a.txt") == "text/plain"
    assert media_type(content[: HEAD - 2], "a.txt") == "application/octet-stream"


def test_no_input_makes_it_slow() -> None:
    for piece in (b"<?x?>", b"<!---->", b"<!doctype>", b"<", b" ", b"<?"):
        media_type((piece * HEAD)[:HEAD], "x")


def test_nothing_that_runs_opens_in_the_browser() -> None:
    assert not {one for one in INLINE if "html" in one or "xml" in one or "script" in one}
