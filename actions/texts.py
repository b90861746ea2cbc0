"""Texts on the way in: HTML made harmless, plain text out of it, words for the search table."""

import asyncio
import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import filterfalse

import nh3

from actions.markup import ordered
from actions.refusals import FieldError

BODY_LIMIT_BYTES = 200_000
CLEANED_MOST = 2
"""What cleaning may make of a body, in body limits: tags it closes, characters it escapes."""
SUBJECT_LIMIT = 250
EXCERPT_LENGTH = 200
WORD_LENGTH = 40
QUERY_WORDS = 12

_BREAKS = frozenset(
    ["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"]
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_REVERSING = re.compile("[\u202d\u202e]")
_UNSEEN = frozenset(["Cc", "Cf", "Zs", "Zl", "Zp"])
"""Categories of characters that leave no mark: controls, joiners, blanks."""
_WORD = re.compile(r"[^\W_]+")
_TAGS = set(nh3.ALLOWED_TAGS) - {"map", "area", "bdo"}


@dataclass(frozen=True)
class Body:
    """A post's text in both forms; `html` is safe to show as it is."""

    html: str
    text: str


class _Plain(HTMLParser):
    """Collects the text of harmless HTML, a line for every block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> str:
    """The text of harmless HTML: blocks on lines of their own, blank runs folded."""
    parser = _Plain()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def sanitised(html: str) -> Body:
    """HTML with nothing left in it that runs, loads from elsewhere unasked, or escapes its box.

    Empty when it is longer than `check_body` admits: nobody will read it, so nobody parses it.
    """
    if len(html.encode()) > BODY_LIMIT_BYTES:
        return Body("", "")
    safe = nh3.clean(
        ordered(_CONTROL.sub("", html), _TAGS),
        tags=_TAGS,
        attribute_filter=_loads_nothing,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    safe = _CONTROL.sub("", safe).strip()  # again: &#1; has become one
    return Body(safe, plain_text(safe))


async def cleaned(html: str) -> Body:
    """The same in a thread: the worst 200 kB take seconds, which are nobody else's to wait.

    Call it before the unit of work: on SQLite a unit holds the only connection.
    """
    return await asyncio.to_thread(sanitised, html)


def _loads_nothing(_tag: str, attribute: str, value: str) -> str | None:
    """Pictures come with the message, never from a server that would learn who reads it when."""
    return value if attribute != "src" or value.lower().startswith("cid:") else None


def check_body(body: Body, raw: str, path: str = "body") -> list[FieldError]:
    """What is wrong with a post's body, if anything."""
    size = len(raw.encode())
    if size > BODY_LIMIT_BYTES:
        return [_too_long(path, size, BODY_LIMIT_BYTES, "bytes")]
    if len(body.html.encode()) > CLEANED_MOST * BODY_LIMIT_BYTES:
        return [FieldError((path,), "Simplify it: written out as HTML it is several times longer.")]
    empty = not any(map(leaves_a_mark, body.text))
    if empty and ' src="cid:' not in body.html.lower():
        return [FieldError((path,), "Write something: the text is empty.")]
    return []


def one_line(text: str) -> str:
    """A line of text: control characters and line ends become spaces, ends are trimmed.

    Overrides of direction go: they show a text, and what stands after it, as another. A text with
    nothing to see in it is empty.
    """
    tidy = " ".join(_CONTROL.sub(" ", _REVERSING.sub("", text)).split())
    return tidy if any(map(leaves_a_mark, tidy)) else ""


def leaves_a_mark(char: str) -> bool:
    """Whether a reader sees this character."""
    return unicodedata.category(char) not in _UNSEEN


def check_subject(subject: str, path: str = "subject") -> list[FieldError]:
    """What is wrong with a subject (already `one_line`), if anything."""
    if not subject:
        return [FieldError((path,), "Write a subject: it is empty.")]
    if len(subject) > SUBJECT_LIMIT:
        return [_too_long(path, len(subject), SUBJECT_LIMIT, "characters")]
    return []


def remark(text: str | None) -> str | None:
    """What goes with a change: plain text, ends trimmed, None when empty."""
    return (text or "").replace("\0", "").strip() or None


def check_remark(text: str | None, path: str) -> list[FieldError]:
    """What is wrong with a remark, if anything."""
    size = len((text or "").encode())
    return [_too_long(path, size, BODY_LIMIT_BYTES, "bytes")] if size > BODY_LIMIT_BYTES else []


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1] + "…"


def words(*texts: str) -> set[str]:
    """The words of texts, as the search table has them: folded, no accents, 40 letters."""
    folded = unicodedata.normalize("NFKD", " ".join(texts)).casefold()
    bare = "".join(filterfalse(unicodedata.combining, folded))
    return {word[:WORD_LENGTH] for word in _WORD.findall(bare)}


def _too_long(path: str, size: int, limit: int, unit: str) -> FieldError:
    return FieldError((path,), f"Shorten it: {size:,} {unit}, at most {limit:,} are allowed.")
