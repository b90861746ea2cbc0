"""Addresses of headers: parsed raw, and only the names decoded.

Decoding first would let `=?utf-8?q?agent=40corp.example?= <x@attacker.example>` become the agent.
What is not one plain `local@domain` is no address here, whatever RFC 5322 would allow.
"""

import re
from collections.abc import Iterator

from mail.message import Address, Sender
from mail.parsing.headers import Headers, unfolded
from mail.parsing.text import line

MOST = 1000
"""Addresses of a header; the others are passed over."""
LIST_LENGTH = 400_000
NAME_LENGTH = 200
SHOWN_LENGTH = 500
_LOCAL = r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*"
_DOMAIN = r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+"
PLAIN = re.compile(f"({_LOCAL})@({_DOMAIN})")
ADDRESS_LENGTH = 254
_ANGLE = re.compile(r"<([^<>]*)>")


def plain(text: str) -> str | None:
    """A plain address in lower case; None for anything else."""
    text = text.strip()
    if len(text) > ADDRESS_LENGTH or "=?" in text or text.count("@") != 1:
        return None
    return text.lower() if PLAIN.fullmatch(text) else None


def parsed(raw: str) -> Address | None:
    """One entry of a list; None when there is no address to be had from it."""
    address, name = _split(raw)
    return Address(address, name) if address else None


def listed(headers: Headers, name: str) -> tuple[Address, ...]:
    """The addresses of all headers of this name, each once."""
    found: dict[str, Address] = {}
    for raw in headers.raw(name, LIST_LENGTH):
        for entry in entries(raw):
            one = parsed(entry)
            if one is not None:
                found.setdefault(one.address, one)
            if len(found) >= MOST:
                break
    return tuple(found.values())


def sender(headers: Headers) -> Sender:
    """Who From says it is: the first of several; with what people should see if it looks wrong."""
    fields = headers.raw("from")
    shown = line(unfolded(", ".join(fields)), SHOWN_LENGTH)
    if len(fields) != 1:
        return Sender(None, shown=shown)
    first = next(entries(fields[0]), "")
    address, name = _split(first)
    if address is None:
        return Sender(None, _bare_name(shown), shown)
    return Sender(address, name, shown if _pretends(first, address, name) else "")


def _pretends(raw: str, address: str, name: str) -> bool:
    """Whether a reader could take it for somebody else's."""
    others = [one.lower() for one in re.findall(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+", name)]
    stray = raw.count("<") > 1 or raw.count(">") > 1
    return stray or any(one != address for one in others)


def _split(raw: str) -> tuple[str | None, str]:
    """Address and name of one entry."""
    outside = _unquoted(raw)
    angles = _ANGLE.findall(outside)
    if len(angles) > 1:
        return None, ""
    if angles:
        at = raw.rfind("<" + angles[0] + ">")
        return plain(angles[0]), _name(raw[:at])
    bare, comment = _without_comments(outside)
    return plain(bare) if bare is not None else None, _name(comment)


def _name(raw: str) -> str:
    text = unfolded(raw.strip().strip('"').replace('\\"', '"').replace("\\\\", "\\"))
    return line(text.strip(" \"'"), NAME_LENGTH)


def _bare_name(shown: str) -> str:
    return line(shown.partition("<")[0].strip(" \"'"), NAME_LENGTH)


def _unquoted(raw: str) -> str:
    """The entry with every quoted string blanked, so that nothing in one counts."""
    out: list[str] = []
    quoted = escaped = False
    for char in raw:
        if escaped:
            escaped = False
            out.append(" ")
        elif char == "\\" and quoted:
            escaped = True
            out.append(" ")
        elif char == '"':
            quoted = not quoted
            out.append('"')
        else:
            out.append(" " if quoted else char)
    return "".join(out)


def _without_comments(text: str) -> tuple[str | None, str]:
    """A bare address and the comment after it; None when a comment stands inside the address."""
    at = text.find("(")
    if at < 0:
        return text, ""
    bare, comment = text[:at], text[at:]
    if not comment.rstrip().endswith(")") or (bare and not bare[-1].isspace()):
        return None, ""
    return bare, comment.strip(" ()")


def entries(raw: str) -> Iterator[str]:
    """The entries of a list, split at commas outside quotes, comments and < >; groups opened."""
    start, angle = 0, False
    for found in re.finditer("[<>,;:]", _uncommented(_unquoted(raw))):
        mark, at = found[0], found.start()
        if mark in "<>":
            angle = mark == "<"
        elif not angle:
            if mark != ":" and raw[start:at].strip():
                yield raw[start:at]
            start = at + 1
    if raw[start:].strip():
        yield raw[start:]


def _uncommented(text: str) -> str:
    """The text with comments blanked, nested ones too."""
    out: list[str] = []
    depth = 0
    for char in text:
        depth += char == "("
        out.append(" " if depth else char)
        depth = max(0, depth - (char == ")"))
    return "".join(out)
