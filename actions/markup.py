"""HTML put in order before it is parsed, so that no text makes the parser work for minutes.

HTML's parser reopens every unclosed <b>, <i> … in each paragraph after: 28 kB of a thousand of
them became 50 MB in 47 s. Here tags are balanced and nested no deeper than people nest them; what
remains is still dirty, and for `nh3` to clean.
"""

import re
from collections import Counter
from collections.abc import Set

INLINE_DEPTH = 8
"""Inline elements inside each other; more are left out."""
REOPENED = 3
"""Inline elements that go on in the next block when one ends before they do."""
BLOCK_DEPTH = 100

_INLINE = frozenset(
    ["a", "abbr", "acronym", "b", "bdi", "cite", "code", "data", "del", "dfn", "em", "i", "ins",
     "kbd", "mark", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span", "strike",
     "strong", "sub", "sup", "time", "tt", "u", "var"]
)  # fmt: skip
_REOPENED = _INLINE - {"a"}
_VOID = frozenset(["br", "hr", "img", "wbr", "col"])
_CLOSED_BY_THE_NEXT = frozenset(
    ["p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup"]
)
_UNSHOWN = frozenset(["script", "style"])
_TAG = re.compile(
    r"""<(/?)([a-z][^\s/<>]*+)"""
    r"""((?:[\s/]*+[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>][^\s<>]*+))?)*+)[\s/]*+>""",
    re.ASCII | re.IGNORECASE,
)
"""A tag by the rules of HTML; what is not quite one is taken for text."""


def ordered(html: str, tags: Set[str]) -> str:
    """The text with only these tags in it, balanced, of limited depth; in linear time."""
    tidy = _Tidy(tags)
    at = 0
    while (start := html.find("<", at)) >= 0:
        tidy.out.append(html[at:start])
        at = _past(tidy, html, start)
    tidy.out.append(html[at:])
    tidy.close_inline()
    return "".join(tidy.out)


def _past(tidy: "_Tidy", html: str, start: int) -> int:
    """Take what begins at this "<"; where it ends."""
    if html.startswith("<!--", start):
        return _after(html, "-->", start + 2)
    if html.startswith(("<!", "<?"), start):
        return _after(html, ">", start)
    tag = _TAG.match(html, start)
    if tag is None:
        tidy.out.append("&lt;")
        return start + 1
    closing, name = bool(tag[1]), tag[2].lower()
    if name in _UNSHOWN and not closing:
        end = re.compile(f"</{name}", re.IGNORECASE).search(html, tag.end())
        return _after(html, ">", end.end()) if end else len(html)
    if name in tidy.tags:
        tidy.take(name, tag[0], closing=closing)
    return tag.end()


def _after(html: str, mark: str, start: int) -> int:
    found = html.find(mark, start)
    return found + len(mark) if found >= 0 else len(html)


class _Tidy:
    """Tags on their way out: inline ones nested within a block, blocks counted."""

    def __init__(self, tags: Set[str]) -> None:
        self.tags = tags
        self.out: list[str] = []
        self.inline: list[str] = []
        self.blocks: Counter[str] = Counter()

    def take(self, name: str, text: str, *, closing: bool) -> None:
        if name in _VOID:
            self.out.append("" if closing else text)
        elif name not in _INLINE:
            self._block(name, text, closing=closing)
        elif closing:
            self._close(name)
        elif len(self.inline) < INLINE_DEPTH and not (name == "a" and "a" in self.inline):
            self.inline.append(name)
            self.out.append(text)

    def close_inline(self) -> list[str]:
        """End the inline elements; those that may go on."""
        ended, self.inline = self.inline, []
        self.out.extend(f"</{name}>" for name in reversed(ended))
        return [name for name in ended if name in _REOPENED][:REOPENED]

    def _close(self, name: str) -> None:
        while name in self.inline:
            last = self.inline.pop()
            self.out.append(f"</{last}>")
            if last == name:
                return

    def _block(self, name: str, text: str, *, closing: bool) -> None:
        if name not in _CLOSED_BY_THE_NEXT:
            if closing and not self.blocks[name]:
                return
            if not closing and self.blocks.total() >= BLOCK_DEPTH:
                return
            self.blocks[name] += -1 if closing else 1
        going_on = self.close_inline()
        self.out.append(text)
        for inline in going_on:
            self.inline.append(inline)
            self.out.append(f"<{inline}>")
