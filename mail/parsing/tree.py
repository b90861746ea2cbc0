"""Cleaned HTML as a run of tags and texts: its lines, and where its quote is folded."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape

from mail.parsing.lines import Line, Tries, fold_at, passes_on
from mail.parsing.plain import FOLD, UNFOLD

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*+)((?: [^\s="<>/]++="[^"]*+")*+)>')
_ATTRIBUTE = re.compile(r' ([^\s="<>/]+)="([^"]*)"')
_VOID = frozenset(["br", "hr", "img", "wbr", "col"])
_BREAKS = frozenset(
    ["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "table",
     "ul", "ol", "pre", "dt", "dd", "center", "article", "section", "header", "footer", "details"]
)  # fmt: skip
_HOLDERS = frozenset(["div", "td", "section", "article", "blockquote", "center", "li", "details"])
"""What may have a folded part in it."""
_QUOTE_CLASS = re.compile(
    r"gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote"
    r"|ms-outlook-mobile-reference-message",
)
_QUOTE_ID = re.compile(r"(?:x_)*(?:divRplyFwdMsg|appendonsend|zwchr|mail-editor-reference-message)")


@dataclass
class Tag:
    """A tag, or a text (then `name` is empty)."""

    raw: str
    name: str = ""
    closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def visible(self) -> bool:
        return self.name == "img" or (not self.name and bool(unescape(self.raw).strip()))

    @property
    def begins_quote(self) -> bool:
        """Whether a mail program marks what it quotes with this."""
        found = self.attributes
        return not self.closing and bool(
            _QUOTE_CLASS.search(found.get("class", "")) or _QUOTE_ID.match(found.get("id", ""))
        )

    def written(self, picture: Callable[["Tag"], str]) -> str:
        """As it is sent on: without what only helped to find quotes."""
        if self.name == "img":
            return picture(self)
        found = self.attributes
        if not found.keys() & {"class", "id"}:
            return self.raw
        kept = [
            f' {name}="{value}"' for name, value in found.items() if name not in {"class", "id"}
        ]
        return f"<{self.name}{''.join(kept)}>"


@dataclass(frozen=True)
class Row(Line):
    """A line of the HTML, and the first tag of it."""

    first: int = 0
    blank: bool = False
    marked: bool = False
    """A mail program says that a quote begins here."""


@dataclass(frozen=True)
class Fold:
    """Where to fold: before which tags; the same place for nothing to fold."""

    start: int = 0
    end: int = 0

    def around(self, tags: Sequence[Tag]) -> list[Tag]:
        if self.start == self.end:
            return list(tags)
        inside = [Tag(FOLD), *tags[self.start : self.end], Tag(UNFOLD)]
        return [*tags[: self.start], *inside, *tags[self.end :]]


def tags_of(html: str) -> list[Tag]:
    """Cleaned HTML in pieces: attributes are quoted, "<" in texts and values is escaped or ours."""
    out: list[Tag] = []
    at = 0
    for found in _TAG.finditer(html):
        if found.start() > at:
            out.append(Tag(html[at : found.start()]))
        attributes = dict(_ATTRIBUTE.findall(found[3])) if found[3] else {}
        out.append(Tag(found[0], found[2], bool(found[1]), attributes))
        at = found.end()
    if at < len(html):
        out.append(Tag(html[at:]))
    return out


def lines_of(tags: Sequence[Tag]) -> list[Row]:
    """What a reader sees, line by line."""
    rows: list[Row] = []
    texts: list[str] = []
    first: int | None = None
    depth = pre = 0
    marked = was_marked = False
    for at, tag in enumerate([*tags, Tag("", "br")]):
        marked = marked or tag.begins_quote
        if tag.name in _BREAKS:
            text = "".join(texts)
            text = text if pre else " ".join(text.split())
            if first is not None:
                rows.append(Row(text, depth > 0, first, marked=was_marked))
                marked = marked if tag.begins_quote else False
            elif tag.name == "br":
                rows.append(Row("", depth > 0, at, blank=True))
            texts, first, was_marked = [], None, False
        depth += _step(tag, "blockquote")
        pre += _step(tag, "pre")
        if not tag.name:
            texts.append(unescape(tag.raw))
        if tag.visible and first is None:
            first, was_marked = at, marked
    return rows


def folded(tags: Sequence[Tag], rows: Sequence[Row], tries: Tries) -> Fold:
    """Around the quote at the end, if all after its beginning is within one element."""
    at = _quote(rows, tries)
    if at is None:
        return Fold()
    first = rows[at].first
    before = max((n for n in range(first) if tags[n].visible), default=None)
    if before is None:
        return Fold()
    last = max(n for n, one in enumerate(tags) if one.visible)
    start, holder = _shallowest(tags, before + 1, first)
    end = _close(tags, start) if holder else len(tags)
    if holder not in _HOLDERS | {""} or end <= last:
        return Fold()
    return Fold(start, end)


def _quote(rows: Sequence[Row], tries: Tries) -> int | None:
    at = fold_at(rows, tries)
    if at is not None or passes_on(rows):
        return at
    marked = next((n for n, one in enumerate(rows) if one.marked), None)
    if marked is not None and any(one.text.strip() for one in rows[:marked]):
        rest = rows[marked:]
        quoted = [one.quoted for one in rest if one.text.strip()]
        # Answers between quotes: once quoted, it stays so to the end.
        if True not in quoted or all(quoted[quoted.index(True) :]):
            return marked
    return None


def _step(tag: Tag, name: str) -> int:
    return (-1 if tag.closing else 1) if tag.name == name else 0


def _shallowest(tags: Sequence[Tag], start: int, end: int) -> tuple[int, str]:
    """Between these, the place with the fewest elements around it, and the one around it."""
    stack: list[str] = []
    best: tuple[int, int, str] | None = None
    for at, tag in enumerate(tags[: end + 1]):
        if start <= at <= end and (best is None or len(stack) < best[0]):
            best = (len(stack), at, stack[-1] if stack else "")
        if tag.name and tag.name not in _VOID:
            if not tag.closing:
                stack.append(tag.name)
            elif stack:
                stack.pop()
    return (best[1], best[2]) if best else (start, "p")


def _close(tags: Sequence[Tag], start: int) -> int:
    """Where the element ends in which this place is."""
    depth = 0
    for at in range(start, len(tags)):
        tag = tags[at]
        if not tag.name or tag.name in _VOID:
            continue
        depth += -1 if tag.closing else 1
        if depth < 0:
            return at
    return len(tags)
