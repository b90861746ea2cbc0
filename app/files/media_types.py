"""What a file is, judged by its first bytes; its name breaks ties between packages of one kind."""

import re
from typing import cast

from puremagic import magic_header_array

HEAD = 8 * 1024
"""As many bytes are looked at."""
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", TEXT})
"""What a browser may show by itself: nothing here runs a script of ours."""

OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
# Certain, and before puremagic's: it calls JPEG 2000 image/jpeg and AVIF video/mp4.
CERTAIN = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBPVP8", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"ftypavif", 4, "image/avif"),
    (b"jP  \r\n\x87\n", 4, "image/jp2"),
    (b"\x1f\x8b\x08", 0, "application/gzip"),
    (b"OggS\0\2", 0, "application/ogg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"\x7fELF", 0, "application/x-executable"),
    (b"\0\0\0\0", 6, "image/bmp"),
    (b"{\\rtf", 0, "application/rtf"),
    (b"%!PS", 0, "application/postscript"),
)
STARTS = {"image/bmp": b"BM", "image/webp": b"RIFF"}
"""What else must stand at the very beginning."""
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""PKCS #7 signed data (`.p7m`), an object identifier near the beginning."""
CONTENTS = b"[Content_Types].xml"
FOLDER = re.compile(rb"PK\x03\x04.{26}(word|xl|ppt)/", re.DOTALL)
"""An entry of an Office package; entries' names stand plain in the archive."""
FOLDERS = {
    b"word": OFFICE + "wordprocessingml.document",
    b"xl": OFFICE + "spreadsheetml.sheet",
    b"ppt": OFFICE + "presentationml.presentation",
}
ZIPPED = {
    "docx": FOLDERS[b"word"],
    "xlsx": FOLDERS[b"xl"],
    "pptx": FOLDERS[b"ppt"],
    "odt": OPEN_DOCUMENT + "text",
    "ods": OPEN_DOCUMENT + "spreadsheet",
    "odp": OPEN_DOCUMENT + "presentation",
}
COMPOUND = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
PACKED_TYPE = re.compile(
    rb"mimetype(application/(?:vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip))PK"
)
"""Of OpenDocument and EPUB: the first entry, uncompressed, says it."""
ROOT = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype[^>]*>)*+<([a-z][a-z0-9:]*)", re.DOTALL)
"""The first element; possessive, so that no input makes it slow."""
HTML = frozenset(
    {"html", "head", "body", "title", "script", "style", "iframe", "div", "p", "table"}
)
SIGNATURES = cast("list[tuple[bytes, int, str, str, str]]", magic_header_array)
"""puremagic's: bytes, where they stand, extension, media type, name."""
LEAST = 3
"""Shorter signatures are found in anything."""


def media_type(head: bytes, name: str) -> str:
    """The media type of a file that begins with `head` (its first 8 KiB, or all of it)."""
    extension = name.rpartition(".")[2].lower()
    if certain := _certain(head):
        return certain
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, extension)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return COMPOUND.get(extension, "application/x-ole-storage")
    text = _text(head)
    return _signature(head) if text is None else _markup(text)


def _certain(head: bytes) -> str | None:
    for mark, at, type in CERTAIN:
        if head.startswith(mark, at) and head.startswith(STARTS.get(type, b"")):
            return type
    return "application/pkcs7-mime" if SIGNED_DATA in head[:24] else None


def _zipped(head: bytes, extension: str) -> str:
    if said := PACKED_TYPE.match(head, 30):
        return said[1].decode()
    if CONTENTS in head and (folder := FOLDER.search(head)):
        return FOLDERS[folder[1]]
    return ZIPPED.get(extension, "application/zip")


def _text(head: bytes) -> str | None:
    """The head as text; None when it is not. The last character may be cut in two."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head.decode(encoding, "replace").lstrip("\ufeff")
    cut = len(head) == HEAD
    for end in range(len(head), max(len(head) - 4, -1) if cut else len(head) - 1, -1):
        try:
            text = head[:end].decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        return None if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", text) else text
    return None


def _markup(text: str) -> str:
    text = text.lstrip().lower()
    root = ROOT.match(text)
    element = root[1].rpartition(":")[2] if root else ""
    if element == "svg":
        return "image/svg+xml"
    if element in HTML or text.startswith("<!doctype html"):
        return "text/html"
    return "application/xml" if text.startswith("<?xml") else TEXT


def _signature(head: bytes) -> str:
    """The longest signature of puremagic's that fits; never a type that is ours to decide."""
    best, length = UNKNOWN, LEAST - 1
    for mark, at, _, type, _ in SIGNATURES:
        if len(mark) > length and type and head.startswith(mark, at):
            best, length = type, len(mark)
    return UNKNOWN if best in INLINE or best.startswith("text/") or "xml" in best else best
