"""winmail.dat, which Outlook makes of a mail for others of its kind."""

import logging
from importlib import import_module
from typing import Any, cast

from mail.message import File
from mail.parsing import names
from mail.parsing.text import clean, decoded

TNEF: Any = import_module("tnefparse").TNEF  # it has no types
# It reports each attribute it does not know.
logging.getLogger("tnefparse").setLevel(logging.CRITICAL)


def unpacked(content: bytes) -> tuple[str, list[File]] | None:
    """The text and the files in it; None when it cannot be opened."""
    try:
        opened: Any = TNEF(content, do_checksum=False)
        files = [_file(one) for one in cast("list[Any]", opened.attachments)]
        text = _text(opened)
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes make of somebody's parser
        return None
    return text, files


def _file(attachment: Any) -> File:
    said: Any = attachment.long_filename() or attachment.name or b""
    name = decoded(said, "cp1252") if isinstance(said, bytes) else str(said)
    tidy = names.tidy(name.rstrip("\0")) or "attachment.bin"
    return File(tidy, "application/octet-stream", bytes(attachment.data or b""))


def _text(opened: Any) -> str:
    body: Any = opened.body
    if isinstance(body, bytes):
        body = decoded(body, "cp1252")
    return clean(str(body or "")).strip("\ufffd \n")
