"""Plain text of mails: flowed lines joined (RFC 3676), made into HTML, its quotes folded."""

import html
import re

from mail.parsing import limits
from mail.parsing.lines import Line, Tries, fold_at

FOLD = "<details><summary>…</summary>"
UNFOLD = "</details>"
_LINK = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]]{1,2000}")
_AFTER_LINK = ".,;:!?)"


def unflowed(text: str, *, delete_space: bool) -> str:
    """The text with its soft line ends taken out; a quote only goes on in its own depth."""
    out: list[list[str]] = []
    open_depth = -1
    for row in text.split("\n"):
        depth, rest = _depth(row)
        flows = rest.endswith(" ") and rest != "-- "
        bare = rest[:-1] if flows and delete_space else rest
        if depth == open_depth and rest != "-- ":
            out[-1].append(bare)
        else:
            out.append(["> " * depth, bare])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in out)


def as_html(text: str, fold: Tries | None = None) -> str:
    """The text as harmless HTML that looks like it, links among it; its quote folded by `fold`."""
    rows = text.strip("\n").split("\n")
    lines = [Line(row, row.lstrip().startswith(">")) for row in rows]
    at = fold_at(lines, fold) if fold else None
    if at is None:
        return _block(rows)
    return f"{_block(rows[:at])}{FOLD}{_block(rows[at:])}{UNFOLD}"


def _depth(row: str) -> tuple[int, str]:
    """How deep a line is quoted, and the rest without stuffing."""
    found = len(row) - len(row.lstrip(">"))
    rest = row[found:]
    return found, rest.removeprefix(" ")


def _block(rows: list[str]) -> str:
    while rows and not rows[-1].strip():
        rows = rows[:-1]
    left = limits.LINKS
    out: list[str] = []
    for row in rows:
        text, count = _linked(row, left)
        left -= count
        out.append(text)
    return f"<div>{'<br>'.join(out)}</div>"


def _linked(row: str, most: int) -> tuple[str, int]:
    """One line escaped, its addresses made links; how many."""
    out: list[str] = []
    at = count = 0
    for found in _LINK.finditer(row):
        if count >= most:
            break
        address = found[0].rstrip(_AFTER_LINK)
        shown = html.escape(address)
        out.append(_escaped(row[at : found.start()]))
        out.append(f'<a href="{shown}" rel="noopener noreferrer nofollow">{shown}</a>')
        at = found.start() + len(address)
        count += 1
    return "".join([*out, _escaped(row[at:])]), count


def _escaped(text: str) -> str:
    """Runs of blanks stay: tables and code are written with them."""
    return html.escape(text.replace("\t", "    "), quote=False).replace("  ", " \u00a0")
