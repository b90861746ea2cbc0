"""Answers to FETCH, read item by item: what belongs to which mail, however the server cuts it."""

import re
from collections.abc import Iterable, Iterator

from mail.imap_protocol import Line

Items = dict[str, bytes]
"""By name, upper case; a list in parentheses is empty here."""
_BEGINS = re.compile(rb"([0-9]{1,10}) FETCH \(", re.IGNORECASE)
_RENUMBERS = re.compile(rb"[0-9]{1,10} EXPUNGE|VANISHED", re.IGNORECASE)
_TOKEN = re.compile(
    rb'"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<bracket>[()])|(?P<literal>\{[0-9]+\}$)'
    rb'|(?P<atom>[^\s()"\[\]{]+(?:\[[^\]]*\])?[^\s()"\[\]{]*)'
)
_ESCAPED = re.compile(rb"\\(.)")


def by_uid(lines: Iterable[Line]) -> dict[int, Items]:
    """The items of each mail.

    A server may tell of one mail in several lines, and of others that nobody asked about; lines of
    one sequence number belong together until an EXPUNGE renumbers (RFC 9051, 7.5.1).
    """
    found: list[Items] = []
    places: dict[int, Items] = {}
    for place, parts in _responses(lines):
        if place is None:
            places.clear()
            continue
        if place not in places:
            places[place] = {}
            found.append(places[place])
        places[place].update(_items(parts))
    merged: dict[int, Items] = {}
    for one in found:
        uid = one.get("UID", b"")
        if uid.isdigit() and len(uid) <= 10:
            merged.setdefault(int(uid), {}).update(one)
    return merged


def content(items: Items) -> bytes | None:
    """What a mail's body, or the part of it that was asked for, is; None when it is not there."""
    return next((value for name, value in items.items() if name.startswith("BODY[")), None)


def _responses(lines: Iterable[Line]) -> Iterator[tuple[int | None, list[Line]]]:
    """Each FETCH by its sequence number, with all its lines; None where mails are renumbered."""
    place: int | None = None
    parts: list[Line] = []
    for line in lines:
        if not isinstance(line, bytearray) and not (parts and isinstance(parts[-1], bytearray)):
            if place is not None:
                yield place, parts
            begun = _BEGINS.match(line)
            place = int(begun[1]) if begun else None
            parts = [line[begun.end() :]] if begun else []
            if _RENUMBERS.match(line):
                yield None, []
        elif place is not None:
            parts.append(line)
    if place is not None:
        yield place, parts


def _items(parts: list[Line]) -> Items:
    """Names and values of what stands within the outermost parentheses."""
    words: list[bytes | None] = []
    depth = 0
    for value, bracket in _tokens(parts):
        if bracket == b"(":
            depth += 1
        elif bracket == b")":
            depth -= 1
            if depth == 0:
                words.append(b"")
        elif depth == 0:
            words.append(value)
        if depth < 0:
            break
    pairs = zip(words[::2], words[1::2], strict=False)
    return {
        name.upper().decode("ascii", "replace"): value
        for name, value in pairs
        if name is not None and value is not None
    }


def _tokens(parts: list[Line]) -> Iterator[tuple[bytes | None, bytes]]:
    """Values (None for NIL), or a bracket beside an empty one."""
    for part in parts:
        if isinstance(part, bytearray):
            yield bytes(part), b""
            continue
        for token in _TOKEN.finditer(part):
            if token["quoted"] is not None:
                yield _ESCAPED.sub(rb"\1", token["quoted"]), b""
            elif token["atom"] is not None:
                yield (None if token["atom"].upper() == b"NIL" else token["atom"]), b""
            elif token["bracket"] is not None:
                yield b"", token["bracket"]
