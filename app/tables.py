"""The tables of the pages in docs/, printed from the code between their marks."""

from collections.abc import Iterable, Mapping


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """As Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def filled(text: str, tables: Mapping[str, str]) -> str:
    """The page with its tables, by the name of their marks, as they should be."""
    for name, printed in tables.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{printed}\n{end}{after}"
    return text
