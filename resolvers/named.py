"""Search by a part of a name or an address, whatever the case of its letters."""

from actions.contacts import ADDRESS_LIMIT
from models.conditions import ALWAYS, NEVER, Condition, Related
from models.sql import Statement


def named(search: str | None, *, with_address: bool = True) -> Condition:
    """Name or address contains the text; all do when there is none."""
    wanted = (search or "").strip().lower()
    if not wanted:
        return ALWAYS
    if len(wanted) > ADDRESS_LIMIT:
        return NEVER

    def text(to: Statement) -> str:
        like = f"LIKE {to.add(f'%{_escaped(wanted)}%')} ESCAPE '!'"
        name = _postgres(wanted, like, to) if to.postgres else _sqlite(wanted, to)
        return f"({name} OR t.email {like})" if with_address else name

    return Related(text)


def _postgres(wanted: str, like: str, to: Statement) -> str:
    """LOWER knows the letters of the database's locale, which may be few: ours come first."""
    pairs = [(_upper(char), char) for char in sorted(set(wanted)) if _upper(char) != char]
    upper, lower = to.add("".join(one for one, _ in pairs)), to.add("".join(c for _, c in pairs))
    return f"LOWER(TRANSLATE(t.name, {upper}, {lower})) {like}"


def _sqlite(wanted: str, to: Statement) -> str:
    """LOWER and LIKE know ASCII alone: a class of two for each letter, in one flat pattern."""
    classes = (f"[{char}{_upper(char)}]" if _classed(char) else char for char in wanted)
    return f"t.name GLOB {to.add('*' + ''.join(classes) + '*')}"


def _classed(char: str) -> bool:
    """Whether it is better put in a class: a letter of two cases, or one that means something."""
    return _upper(char) != char or char in "*?["


def _upper(char: str) -> str:
    """The same letter in upper case, where that is one."""
    upper = char.upper()
    return upper if len(upper) == 1 else char


def _escaped(text: str) -> str:
    for char in "!%_":
        text = text.replace(char, "!" + char)
    return text
