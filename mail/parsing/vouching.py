"""Who vouches for the sender: Authentication-Results (RFC 8601, 2.2), read word by word.

A sender may choose much of what stands there: addresses, comments, what is quoted. Only what a
server says itself counts: a method at the begin of a result, and properties beside it.
"""

import re

from mail.message import Vouched
from mail.parsing import limits
from mail.parsing.charsets import clean
from mail.parsing.headers import Headers

_LONGEST = 8000
_DMARC = re.compile(r"dmarc\s*(?:/\s*\d+\s*)?=\s*([a-z]+)(?![\w.-])", re.IGNORECASE)
_FROM = re.compile(r"(?<!\S)header\.from\s*=\s*(\S+)", re.IGNORECASE)
_PIECE = re.compile(r'"((?:[^"\\]|\\.)*+)"?|[();]|\\.|[^"();\\]+', re.DOTALL)
_MEANT = re.compile(r"[\s=;]")


def authentication(headers: Headers) -> tuple[Vouched, ...]:
    """What each server says of DMARC, from the top."""
    values = headers.all("authentication-results")[: limits.IDS]
    return tuple(_read(clean(value[:_LONGEST])) for value in values)


def _read(value: str) -> Vouched:
    server, *results = _parts(value)
    name = re.split(r"[\s/]", server.strip(), maxsplit=1)[0].lower()
    said: list[str] = []
    domains: set[str] = set()
    for one in results:
        found = _DMARC.match(one.strip())
        if found is not None:
            said.append(found[1].lower())
            domains.update(_domain(each) for each in _FROM.findall(one))
    # Two results that differ, or of two domains, say nothing good.
    worst = "fail" if "fail" in said else said[0] if len(set(said)) == 1 else ""
    return Vouched(name[: limits.NAME], worst, domains.pop() if len(domains) == 1 else "")


def _parts(value: str) -> list[str]:
    """Between semicolons, without comments; what is quoted is one word that means nothing."""
    parts = [""]
    depth = 0
    for found in _PIECE.finditer(value):
        piece = found[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(depth - 1, 0)
            parts[-1] += " "
        elif depth:
            continue
        elif piece == ";":
            parts.append("")
        else:
            parts[-1] += _MEANT.sub("_", found[1]) if piece.startswith('"') else piece
    return parts


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip(".").lower()
