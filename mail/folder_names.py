"""Folders of an IMAP server, those that cannot be opened too, out of LIST."""

import re
from dataclasses import dataclass

from mail.imap_names import decoded

_LIST = re.compile(
    rb'\* LIST \((?P<flags>[^)]*)\) (?P<delimiter>NIL|"(?:\\.|[^"\\])*") ?(?P<name>.*)'
)


@dataclass(frozen=True)
class Folder:
    """A folder on the server."""

    name: str
    """Decoded."""
    selectable: bool
    flags: tuple[str, ...]
    """As the server says them: \\Sent, \\Trash, \\HasChildren … (RFC 6154)."""


def listed(line: bytes, literal: bytes | None) -> Folder | None:
    """A line of LIST, and the literal at its end if there was one; None for another line."""
    found = _LIST.match(line)
    if found is None:
        return None
    flags = tuple(found["flags"].decode("ascii", "replace").split())
    name = found["name"] if literal is None else literal
    if literal is None and name.startswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    lower = {one.lower() for one in flags}
    text = decoded(name.decode("utf-8", "replace"))
    return Folder(text, lower.isdisjoint({"\\noselect", "\\nonexistent"}), flags)
