"""Quotes folded, never deleted: what a reader knows already goes into <details>."""

import re
from html import escape

SUMMARY = "<summary>…</summary>"
_QUOTED = re.compile(r"\s*>")
_ATTRIBUTION = re.compile(
    r".{0,300}(?:wrote|writes|schrieb|a écrit|ha scritto|escribió|escreveu|написал\w*|пишет|"
    r"napisał\w*|skrev|schreef)\b.{0,100}:\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:original message|ursprüngliche nachricht|messaggio originale|"
    r"message d'origine|исходное сообщение|mensaje original)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"']{3,2000}")
LINKS = 5000
LINE = 4000
"""Characters of a line in which signs of a quote are looked for."""


def as_html(text: str) -> str:
    """Plain text as HTML for the timeline: lines kept, links made, a quote at the end folded."""
    lines = text.split("\n")
    at = _quote_begins(lines)
    if at is None:
        return _paragraphs(lines)
    above, below = _paragraphs(lines[:at]), _paragraphs(lines[at:])
    return f"{above}<details>{SUMMARY}{below}</details>"


def _quote_begins(lines: list[str]) -> int | None:
    """Where a quote that goes on to the end begins; None if there is none, or nothing before."""
    original = next((at for at, one in enumerate(lines) if _is(_ORIGINAL, one)), None)
    at = original if original is not None else _trailing(lines)
    if at is None or not any(one.strip() for one in lines[:at]):
        return None
    return at


def _trailing(lines: list[str]) -> int | None:
    """The first of the quoted lines that end the text, with who is said to have written them."""
    at = len(lines)
    while at and (_QUOTED.match(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
    if not any(_QUOTED.match(one) for one in lines[at:]):
        return None
    for back in (1, 2):
        if at >= back and _is(_ATTRIBUTION, " ".join(lines[at - back : at])):
            return at - back
    return at


def _is(pattern: "re.Pattern[str]", text: str) -> bool:
    return len(text) <= LINE and pattern.match(text) is not None


def _paragraphs(lines: list[str]) -> str:
    """Blank lines part paragraphs."""
    blocks: list[list[str]] = [[]]
    for one in lines:
        if one.strip():
            blocks[-1].append(one)
        elif blocks[-1]:
            blocks.append([])
    budget = [LINKS]
    return "".join(
        f"<p>{'<br>'.join(_linked(one, budget) for one in block)}</p>" for block in blocks if block
    )


def _linked(text: str, budget: list[int]) -> str:
    """A line, escaped, with links to what looks like an address of the web."""
    out: list[str] = []
    at = 0
    for found in _URL.finditer(text):
        if not budget[0]:
            break
        budget[0] -= 1
        url = found[0].rstrip(".,;:!?)")
        href = escape(url)
        out.append(escape(text[at : found.start()]))
        out.append(f'<a href="{href}" rel="noopener noreferrer nofollow">{href}</a>')
        at = found.start() + len(url)
    return "".join(out) + escape(text[at:])


def folded(html: str) -> str:
    """Safe HTML whose blockquotes at the end are folded, if there is something before them."""
    start = _last_quote(html)
    if start is None or not _says_something(html[:start]):
        return html
    end = html.rfind("</blockquote>") + len("</blockquote>")
    return f"{html[:start]}<details>{SUMMARY}{html[start:end]}</details>{html[end:]}"


def _last_quote(html: str) -> int | None:
    """Where the outermost blockquote that ends the text begins."""
    end = html.rfind("</blockquote>")
    if end < 0 or _says_something(html[end:]):
        return None
    depth = 0
    for found in reversed(list(re.finditer(r"<(/?)blockquote\b", html[: end + 13]))):
        depth += 1 if found[1] else -1
        if depth == 0:
            return found.start()
    return None


def _says_something(html: str) -> bool:
    return bool(re.sub(r"<[^>]*>", " ", html).strip()) or "<img" in html
