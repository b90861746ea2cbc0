"""The texts of a mail, and which of several that should say the same are shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from mail.parsing import limits

_WORD = re.compile(r"\w+")


@dataclass
class Piece:
    """A text in one or both of its forms."""

    text: str | None = None
    html: str | None = None

    @property
    def says(self) -> bool:
        return self.html is not None or bool(self.text and self.text.strip())


def chosen(alternatives: Sequence[Sequence[Piece]]) -> list[Piece]:
    """Of alternatives the last with HTML, with the first without it as its plain form.

    Programs put more into one than they should: what has words that stand in no other is shown too.
    """
    left = [found for one in alternatives if (found := _joined(one))]
    best = next((one for one in reversed(left) if not _plain(one)), left[0] if left else [])
    left = [one for one in left if one is not best]
    plain = next((one for one in left if _plain(one)), None)
    if plain and len(best) == 1 and best[0].text is None and _covers(best, plain):
        best = [Piece(plain[0].text, best[0].html)]
        left = [one for one in left if one is not plain]
    shown = list(best)
    words = _words(best)
    for one in left:
        if _length(one) > limits.TEXT_BYTES or _words(one) - words:
            shown += one
            words |= _words(one)
    return shown


def _covers(best: Sequence[Piece], plain: Sequence[Piece]) -> bool:
    """Whether most words of the plain form are in the other: else it is no form of it."""
    words = _words(plain)
    return len(words - _words(best)) * 2 <= len(words)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """All that say something, as one if they have the same form."""
    found = [one for one in pieces if one.says]
    texts = [one.text for one in found if one.text is not None]
    htmls = [one.html for one in found if one.html is not None]
    if len(found) > 1 and not htmls:
        return [Piece("\n\n".join(texts))]
    if len(found) > 1 and not texts:
        return [Piece(None, "\n".join(htmls))]
    return found


def _plain(pieces: Sequence[Piece]) -> bool:
    return all(one.html is None for one in pieces)


def _words(pieces: Sequence[Piece]) -> set[str]:
    """Those of tags too: a plain text has the addresses of links in it."""
    texts = (f"{one.text or ''} {unescape(one.html or '')}" for one in pieces)
    return set(_WORD.findall(" ".join(texts)[: 2 * limits.TEXT_BYTES].casefold()))


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(one.text or "") + len(one.html or "") for one in pieces)
