"""Where the quoted mail begins in a text: only to fold it, never to leave it out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

_LONGEST = 300
"""Longer lines are no attribution: patterns of the library are not to see them."""
_WINDOW = 6
_QUOTED_AT_LEAST = 3
_LIBRARY: Any = import_module("mailparser_reply.parser")
"""By name, as it has no types. Only its patterns are used: its own reading leaves texts out."""
_HEADERS: "re.Pattern[str]" = _LIBRARY.EmailMessage(
    text="", languages=list(_LIBRARY.MAIL_LANGUAGES)
).HEADER_REGEX
_MAYBE = re.compile(
    r"(?:wrote|schrieb|schreef|skrev|escribi|crit|scritto|napsal|napisa|nades|写道|작성|님이"
    r"|пишет|писал|>):|:$|^[>* ]*(?:From|Von|Od|Fra|De|Da|Van|Från|发件人|보낸|От|Від|Кому)\b.*:?"
    r"|^[> ]*-{5,}+\s?[^\s-]",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"[> ]*(?:"
    r"[^\n]{4,200}(?:пишет|писал|писала|написал|написала|написал\([^\s()]\)|пишет[^\n]{0,40})\s?:"
    r"|(?:On|Am|Il|Le|El|Op|Den|Dne|Em|W dniu)\s[^\n]{4,200}\n?[^\n]{0,200}"
    r"(?:wrote|schrieb[^\n]{0,80}|ha scritto|a écrit|escribió|schreef|skrev[^\n]{0,80}|escreveu"
    r"|napisał[^\n]{0,40})\s?:"
    r"|-{3,}\s?(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Originalnachricht"
    r"|Messaggio originale|Messaggio Originale|Исходное сообщение|Message d'origine"
    r"|Mensaje original|Original Appointment)\s?-{3,}"
    r"|[* ]*(?:From|Von|От|Da|De|Від)[* ]*:[^\n]{1,200}\n+"
    r"(?:[* ]*[\w' -]{1,20}[* ]*:[^\n]{0,250}\n+){1,4}"
    r"[* ]*(?:Subject|Betreff|Тема|Oggetto|Objet|Asunto|To|An|Кому|A|À|Para)[* ]*:"
    r")",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"forwarded message|weitergeleitete nachricht|anfang der weitergeleiteten|messaggio inoltrato"
    r"|пересылаемое сообщение|пересланное сообщение|переадресованное|message transféré"
    r"|mensaje reenviado|begin forwarded|inizio messaggio inoltrato|doorgestuurd bericht",
    re.IGNORECASE,
)
_FORWARDS = re.compile(r"\s*(?:fwd?|wg|i|tr|rv|enc|пересл|fs)\s*:", re.IGNORECASE)
_TIME = re.compile(r"\d:\d\d")
_DAY = re.compile(r"\d\d")
_INLINE_ANSWERS = re.compile(
    r"\b(?:see below|in ?line|siehe unten|vedi sotto|di seguito|ниже|в тексте)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """A line as a reader sees it."""

    text: str
    quoted: bool


@dataclass
class Tries:
    """How often one mail is still searched for the line that attributes its quote.

    A try takes milliseconds with lines made to be slow, and a mail has any number of them.
    """

    left: int = 120

    def take(self) -> bool:
        """Whether there is one more; then it is used up."""
        if not self.left:
            return False
        self.left -= 1
        return True


def forwards(subject: str) -> bool:
    """Whether a subject says that the mail passes another one on."""
    return bool(_FORWARDS.match(subject))


def fold_at(lines: Sequence[Line], tries: Tries) -> int | None:
    """The line from which to the end all is a quote, if there is something before it."""
    if passes_on(lines):
        return None
    marked = [n for n, one in enumerate(lines) if _MAYBE.search(one.text[:_LONGEST])]
    # Some break the line of the attribution before "wrote:".
    for at in (one for n in marked for one in (n - 1, n) if one >= 0):
        if not tries.take():
            break
        if _attributes(lines, at):
            return at if _may_fold(lines, at) else None
    return _trailing(lines)


def passes_on(lines: Sequence[Line]) -> bool:
    """Whether it is, or quotes first of all, a mail that was forwarded."""
    return any(_FORWARDED.search(one.text[:_LONGEST]) for one in lines[:400] if not one.quoted)


def _attributes(lines: Sequence[Line], at: int) -> bool:
    rows = (one.text.strip() for one in lines[at : at + _WINDOW])
    # A run of blanks is where the patterns are slowest: 6 ms for one line.
    window = "\n".join("" if len(row) > _LONGEST else " ".join(row.split()) for row in rows)
    return bool(_OURS.match(window)) or _by_library(window)


def _by_library(window: str) -> bool:
    found = _HEADERS.match(window)
    return bool(found and found[0].strip())


def _may_fold(lines: Sequence[Line], at: int) -> bool:
    before = [one.text for one in lines[:at] if one.text.strip() and not one.quoted]
    if not before or _INLINE_ANSWERS.search("\n".join(before)[:4000]):
        return False
    rest = [one for one in lines[at:] if one.text.strip()]
    return len(rest) > 1 and not _mixed(rest)


def _mixed(rest: list[Line]) -> bool:
    """Whether answers stand between or below the quotes, after the lines that attribute them."""
    first = next((n for n, one in enumerate(rest) if one.quoted), None)
    if first is None:
        return False
    return first >= _WINDOW + 4 or any(not one.quoted for one in rest[first:])


def _trailing(lines: Sequence[Line]) -> int | None:
    own = [n for n, one in enumerate(lines) if one.text.strip() and not one.quoted]
    if not own:
        return None
    rest = [one for one in lines[own[-1] + 1 :] if one.text.strip()]
    if rest and len(own) > 1 and _names_somebody(lines[own[-1]].text[-_LONGEST:].rstrip()):
        return own[-1]
    return own[-1] + 1 if len(rest) >= _QUOTED_AT_LEAST else None


def _names_somebody(row: str) -> bool:
    """A line with a time, or a date and an address, before a quote, in whatever language."""
    dated = bool(_TIME.search(row)) or ("@" in row and bool(_DAY.search(row)))
    return row.endswith(":") and dated
