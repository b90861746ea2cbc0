"""An address header cut into tokens (RFC 5322, 3.4), in one pass and without recursion."""

import re
from dataclasses import dataclass
from enum import Enum, auto

_PLAIN = re.compile(r'[^"(<,;:=]+')
_WORD = re.compile(r"=\?[^?\s<>@]{1,60}\?[bqBQ]\?[^?<>@]*\?=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)("?)', re.DOTALL)
_ANGLE = re.compile(r"<([^<>]*+)(>?)")
_PARENTHESIS = re.compile(r"[()]|\\.", re.DOTALL)


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    QUOTED = auto()
    COMMENT = auto()
    ANGLE = auto()
    MARK = auto()
    """A comma, a semicolon or a colon."""
    BROKEN = auto()
    """An angle in an angle, or one that does not end."""


@dataclass(frozen=True)
class Token:
    kind: Kind
    value: str
    """Without what encloses it."""


def tokens(text: str) -> list[Token]:
    """All of the header, in order."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        token, at = _next(text, at)
        found.append(token)
    return found


def _next(text: str, at: int) -> tuple[Token, int]:
    char = text[at]
    if char == '"' and (quoted := _QUOTED.match(text, at)):
        return Token(Kind.QUOTED, re.sub(r"\\(.)", r"\1", quoted[1])), quoted.end()
    if char == "(":
        return _comment(text, at)
    if char == "<" and (angle := _ANGLE.match(text, at)):
        return Token(Kind.ANGLE if angle[2] else Kind.BROKEN, angle[1]), angle.end()
    if char in ",;:":
        return Token(Kind.MARK, char), at + 1
    return _text(text, at)


def _text(text: str, at: int) -> tuple[Token, int]:
    """Up to what ends it; the brackets in an encoded word, which some leave bare, do not."""
    parts: list[str] = []
    while at < len(text) and text[at] not in '"(<,;:':
        found = _WORD.match(text, at) or _PLAIN.match(text, at)
        end = found.end() if found else at + 1
        parts.append(text[at:end])
        at = end
    return Token(Kind.TEXT, "".join(parts)), at


def _comment(text: str, at: int) -> tuple[Token, int]:
    depth = 0
    for found in _PARENTHESIS.finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return Token(Kind.COMMENT, text[at + 1 : found.start()]), found.end()
    return Token(Kind.COMMENT, text[at + 1 :]), len(text)
