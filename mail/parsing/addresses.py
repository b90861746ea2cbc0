"""Addresses of headers: parsed raw, only names are decoded, and only plain ones are taken.

Who decodes first and parses then can be told any sender by an encoded word. What two readers could
read in two ways is no address here: a check of the sender may have read the other one.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from mail.message import Address, Sender
from mail.parsing import limits
from mail.parsing.headers import Headers
from mail.parsing.tokens import Kind, Token, tokens
from mail.parsing.words import line, unworded

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+)*+")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_LONGEST, _LONGEST_LOCAL = 254, 64
_IN_TEXT = re.compile(r"[^\s<>\"'(),:;\[\]]{1,64}@[^\s<>\"'(),:;\[\]]{1,190}")


@dataclass
class Entry:
    """One mailbox of a list, with what is wrong with it."""

    address: str | None = None
    name: str = ""
    raw: str = ""
    defects: list[str] = field(default_factory=list[str])


def plain(text: str) -> str | None:
    """`local@domain` in lower case, if it is that and nothing else.

    Letters beyond ASCII may be in the domain, but none that fold to ASCII: those look like, and
    with the next change of case become, somebody else's.
    """
    text = text.strip(" \t")
    local, at, domain = text.rpartition("@")
    if not at or len(text) > _LONGEST or len(local) > _LONGEST_LOCAL or "=?" in local:
        return None
    if not _LOCAL.fullmatch(local) or not all(map(_LABEL.fullmatch, domain.split("."))):
        return None
    if not domain.isascii() and unicodedata.normalize("NFKC", domain).casefold().isascii():
        return None
    return text.translate(_UPPER)


def entries(text: str) -> list[Entry]:
    """The mailboxes of one header, members of groups among them."""
    found: list[Entry] = []
    run: list[Token] = []
    for token in [*tokens(text[: limits.HEADER_BYTES]), Token(Kind.MARK, ",")]:
        if token.kind is not Kind.MARK:
            run.append(token)
        elif token.value == ":":
            run = []
        else:
            if any(one.value.strip() for one in run):
                found.append(_entry(run))
            run = []
        if len(found) >= limits.CANDIDATES:
            break
    return found


def recipients(headers: Headers, name: str) -> tuple[Address, ...]:
    """Everybody in the headers of this name who can be read, each once."""
    found: dict[str, Address] = {}
    for value in headers.all(name):
        for one in entries(value):
            if one.address and len(found) < limits.CANDIDATES:
                found.setdefault(one.address, Address(one.address, one.name))
    return tuple(found.values())


def sender(headers: Headers) -> tuple[Sender, list[str]]:
    """Who From says wrote it, and what is wrong with that."""
    values = headers.all("from")
    lists = [_named(entries(value)) for value in values]
    firsts = [one[0] if one else Entry() for one in lists]
    if not firsts:
        return Sender(None), ["no From"]
    first, defects = firsts[0], list(firsts[0].defects)
    address = first.address
    if len({one.address for one in firsts}) > 1:
        address = None
        defects.append("several From headers")
    if _grouped(values[0]):
        address = None
        defects.append("a group in From")
    if len(lists[0]) > 1:
        defects.append("several addresses in From")
    if address is None:
        defects.append("no address in From that can be trusted")
    return Sender(address, first.name, _shown(values) if defects else ""), defects


def in_text(text: str) -> list[str]:
    """Plain addresses wherever they stand in a text, in order, each once."""
    found = (plain(one.strip(".")) for one in _IN_TEXT.findall(text))
    return list(dict.fromkeys(one for one in found if one))


def _shown(values: Iterable[str]) -> str:
    """The headers decoded for people; a domain that is not ASCII also as the network has it."""
    text = line(" / ".join(unworded(one[: limits.SHOWN * 4]) for one in values), limits.SHOWN)
    foreign = [one for one in in_text(text) if not one.isascii()][:3]
    for address in foreign:
        try:
            text += f" ({address.rpartition('@')[2].encode('idna').decode()})"
        except UnicodeError:
            text += " (a domain that cannot be)"
    return text


def _grouped(value: str) -> bool:
    """A colon outside of quotes makes a group (RFC 5322, 3.4), closed or not."""
    return any(one.kind is Kind.MARK and one.value == ":" for one in tokens(value))


def _named(found: list[Entry]) -> list[Entry]:
    """`Doe, John <j@x>` is one: what has no address and no @ belongs to the name after it."""
    out: list[Entry] = []
    before: list[str] = []
    for one in found:
        if one.address is None and "@" not in one.raw:
            before.append(one.name)
            continue
        one.name = line(", ".join([*before, one.name]), limits.NAME)
        before = []
        out.append(one)
    return out


def _entry(run: list[Token]) -> Entry:
    raw = " ".join(one.value for one in run)[: limits.SHOWN * 4]
    angles = [one for one in run if one.kind in (Kind.ANGLE, Kind.BROKEN)]
    entry = _with_angle(run, angles) if angles else _bare(run)
    entry.raw = raw
    entry.name = line(unworded(entry.name[: limits.SHOWN * 4]), limits.NAME)
    _check(entry)
    return entry


def _with_angle(run: list[Token], angles: list[Token]) -> Entry:
    at = run.index(angles[0])
    before = [one for one in run[:at] if one.kind in (Kind.TEXT, Kind.QUOTED)]
    after = [one for one in run[at + 1 :] if one.kind is not Kind.COMMENT and one.value.strip()]
    comments = [one.value for one in run if one.kind is Kind.COMMENT]
    names = [one.value.strip() for one in before if one.value.strip()] or comments
    entry = Entry(plain(angles[0].value), " ".join(names))
    if len(angles) > 1 or angles[0].kind is Kind.BROKEN:
        entry.address = None
        entry.defects.append("several angles in an address")
    elif after:
        entry.address = None
        entry.defects.append("something after an address")
    return entry


def _bare(run: list[Token]) -> Entry:
    """An address alone, with its name in a comment if it has one, as it was done long ago."""
    words = [one for one in run if one.kind is not Kind.COMMENT and one.value.strip()]
    names = [one.value for one in run if one.kind is Kind.COMMENT]
    if len(words) == 1 and words[0].kind is Kind.TEXT and "@" in words[0].value:
        return Entry(plain(words[0].value), " ".join(names))
    return Entry(None, " ".join(one.value.strip() for one in words))


def _check(entry: Entry) -> None:
    if entry.address is None:
        if "@" in entry.raw:
            entry.defects.append("an address that is not plain")
        return
    if not entry.address.isascii():
        entry.defects.append("a domain with letters beyond ASCII")
    if any(one != entry.address for one in in_text(entry.name)) or (
        "@" in entry.name and not in_text(entry.name)
    ):
        entry.defects.append("a name that looks like another address")
