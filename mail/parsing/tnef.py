"""winmail.dat opened (MS-OXTNEF), as far as the library can; it raises anything at all."""

import logging
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, cast

from mail.parsing import limits
from mail.parsing.charsets import clean, decoded

_LIBRARY = "tnefparse"
_TNEF: Any = import_module("tnefparse.tnef").TNEF
"""By name, as it has no types."""
_LARGEST = limits.RAW_BYTES
_SMALLEST_OBJECT = 12


@dataclass(frozen=True)
class Opened:
    """What was inside."""

    text: str = ""
    html: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])


def opened(raw: bytes) -> Opened | None:
    """None when it cannot be read."""
    logging.getLogger(_LIBRARY).setLevel(logging.CRITICAL)
    if not _few_objects(raw):
        return None
    try:
        found = _TNEF(raw, do_checksum=False)
        files = [(_text(one.long_filename()), bytes(one.data)) for one in found.attachments]
        return Opened(_text(found.body), _text(found.htmlbody), files[: limits.FILES])
    except Exception:  # noqa: BLE001
        return None


def _few_objects(raw: bytes) -> bool:
    """Whether there are no more objects than a mail has: the library copies the rest for each."""
    at, count = 6, 0
    while at + _SMALLEST_OBJECT < len(raw):
        at += int.from_bytes(raw[at + 5 : at + 9], "little") + 11
        count += 1
    return count <= limits.PARTS and len(raw) <= _LARGEST and count * len(raw) < 40 * _LARGEST


def _text(value: object) -> str:
    while isinstance(value, list):
        value = cast("list[object]", value)[0] if value else ""
    if isinstance(value, bytes):
        return clean(decoded(value.rstrip(b"\0")))
    return clean(value) if isinstance(value, str) else ""
