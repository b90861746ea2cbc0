"""Styles of mails: what says how text looks, within the box that a mail is shown in."""

import re

_FREE = {
    "background-color", "border-collapse", "border-color", "border-style", "color", "font-family",
    "font-style", "font-weight", "list-style-type", "text-align", "text-transform", "white-space",
}  # fmt: skip
_SIDES = ("", "-bottom", "-left", "-right", "-top")
_MOST = {
    **{f"margin{side}": 200 for side in _SIDES},
    **{f"padding{side}": 200 for side in _SIDES},
    **{f"border{side}": 50 for side in _SIDES},
    "border-width": 50, "font-size": 72, "letter-spacing": 20, "line-height": 100,
    "text-decoration": 10, "text-indent": 200, "vertical-align": 50, "width": 2000,
}  # fmt: skip
"""Pixels; and nothing is less than zero: text is not to stand where the desk's own stands."""
_PERCENT = {"width": 100, "font-size": 400, "line-height": 400}
_ANY_PERCENT = 50
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 37.8, "mm": 3.78, "em": 16,
           "rem": 16, "ex": 8, "ch": 8}  # fmt: skip
_LINE = 16
"""Pixels of a line whose height is a number."""
STYLES = _FREE | _MOST.keys()
_LONGEST = 4000
_VALUE = re.compile(r"[\w\s#%.,()'\"!-]{1,200}")
_REACHING = re.compile(r"url|expression|image|@|position", re.IGNORECASE)
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl)a?\([\d\s.,%]{1,60}\)")
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{0,9})?|\.\d{1,9})(%|[a-z]{0,3})", re.ASCII)
_WORD = re.compile(r"!?[a-z-]*")


def styles(value: str) -> str | None:
    """The declarations of a style attribute that stay; None for none."""
    kept: list[str] = []
    for one in value[:_LONGEST].split(";"):
        name, _, said = one.partition(":")
        name = name.strip().lower()
        if name in STYLES and _harmless(name, said):
            kept.append(f"{name}:{said.strip()}")
    return ";".join(kept) or None


def size(value: str) -> str | None:
    """A width or height attribute, if it is within the same limits."""
    return value if _fits("width", value.strip().lower()) else None


def _harmless(name: str, said: str) -> bool:
    if not _VALUE.fullmatch(said) or _REACHING.search(said):
        return False
    rest = _COLOUR.sub(" ", said.lower())
    if "(" in rest:
        return False
    return name in _FREE or all(_fits(name, one) for one in rest.split())


def _fits(name: str, part: str) -> bool:
    """A word, or a length that is not too long for this property."""
    found = _LENGTH.fullmatch(part)
    if found is None:
        return bool(_WORD.fullmatch(part))
    number, unit = float(found[1]), found[2]
    if unit == "%":
        return number <= _PERCENT.get(name, _ANY_PERCENT)
    factor = _LINE if name == "line-height" and not unit else _PIXELS.get(unit)
    return factor is not None and number * factor <= _MOST[name]
