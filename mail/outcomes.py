"""How a try to send a mail can end, and what a server's words mean (mail.md, 2.2)."""

import re
from dataclasses import dataclass
from enum import StrEnum

TEXT_LIMIT = 500
"""Characters of a server's words that are kept."""
NO_ANSWER = "The server gave no proper answer:"


class Stage(StrEnum):
    """How far it got."""

    CONNECT = "connect"
    TLS = "TLS"
    GREETING = "EHLO"
    AUTH = "sign in"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"
    CONTENT = "the mail itself"


@dataclass(frozen=True)
class Outcome:
    """How it ended: the server's code, None where it gave none, and its words or ours."""

    code: int | None
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", readable(self.text)[:TEXT_LIMIT])


@dataclass(frozen=True)
class Sent(Outcome):
    """The server has taken it."""


@dataclass(frozen=True)
class PartlyRefused(Outcome):
    """It has taken it, but not for all recipients."""

    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deferred(Outcome):
    """Not now: the same mail may go later."""


@dataclass(frozen=True)
class Rejected(Outcome):
    """Never: this mail, or to this recipient."""


@dataclass(frozen=True)
class Uncertain(Outcome):
    """The line broke, or nobody answered, when the mail was under way: they may have it."""


@dataclass(frozen=True)
class AuthRefused(Outcome):
    """The server does not take the credentials."""


@dataclass(frozen=True)
class Quota(Outcome):
    """The account may send no more for now."""


@dataclass(frozen=True)
class Unreachable(Outcome):
    """The server cannot be used: it is not there, or not what it should be."""

    stage: Stage = Stage.CONNECT


_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""But for those that stand for bytes."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def readable(text: str) -> str:
    """What a server said, as any database takes it: bytes that are not UTF-8 are Windows-1252."""
    said = _SURROGATE.sub("\ufffd", text).encode("utf-8", "surrogateescape")
    try:
        text = said.decode()
    except UnicodeDecodeError:
        text = said.decode("cp1252", "replace")
    return _CONTROL.sub("", text)


_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_LIMIT = re.compile(
    r"quota|limit\s+(was\s+|has\s+been\s+|is\s+)?(exceeded|reached)|exceed\w*\s+(\w+\s+){0,5}limit"
    r"|rate\s*limit|too\s+many\s+(messages|mails|e-mails|emails)|sending\s+limit",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"mailbox|inbox|recipient|storage|disk|user\s+is\s+over|over\s*quota", re.IGNORECASE
)
_OF_THE_MAIL = re.compile(r"\b(size|score|length|too\s+(large|big|long))\b", re.IGNORECASE)
_NOT_OURS = frozenset({"4.2.2", "5.2.2", "4.2.3", "5.2.3", "4.3.4", "5.3.4"})
"""A full mailbox, and a mail that is too large (RFC 3463, 3.3 and 3.4)."""
_FINAL = frozenset({2, 4, 5})
"""Hundreds of the codes that end something (RFC 5321, 4.2.1)."""
_SENDER_QUOTA = frozenset({"4.5.4", "5.4.5", "4.4.5"})


def says_quota(stage: Stage, code: int, text: str) -> bool:
    """Whether a refusal is about what the account may send.

    Not about the recipient's space, nor about what this one mail is.
    """
    found = _ENHANCED.search(text)
    status = found.group(1) if found else ""
    if status in _SENDER_QUOTA:
        return True
    if code < 400 or status in _NOT_OURS or _LIMIT.search(text) is None:
        return False
    theirs = stage is Stage.RECIPIENT and _THEIRS.search(text) is not None
    return not theirs and _OF_THE_MAIL.search(text) is None


def broken(stage: Stage, text: str) -> Outcome:
    """What it means that the line broke, or that nobody gave a proper answer."""
    if stage is Stage.CONTENT:
        return Uncertain(None, text)
    if stage in {Stage.SENDER, Stage.RECIPIENT, Stage.DATA}:
        return Deferred(None, text)
    return Unreachable(None, text, stage)


def judged(stage: Stage, code: int, text: str) -> Outcome:
    """What an answer means that is not the one hoped for."""
    if code // 100 not in _FINAL:
        return broken(stage, f"{NO_ANSWER} {code} {text}" if code > 0 else f"{NO_ANSWER} {text}")
    if says_quota(stage, code, text):
        return Quota(code, text)
    if stage in {Stage.CONNECT, Stage.TLS, Stage.GREETING}:
        return Unreachable(code, text, stage)
    if stage is Stage.AUTH:
        return AuthRefused(code, text) if code >= 500 else Unreachable(code, text, stage)
    if code in {530, 535}:
        return AuthRefused(code, text)  # it wants a sign-in that we did not try
    return Deferred(code, text) if code < 500 else Rejected(code, text)
