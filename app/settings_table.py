"""The table of docs/settings.md, from the settings themselves: `make docs` writes it there."""

from dataclasses import fields
from pathlib import Path

from app.settings import PREFIX, Settings

PAGE = Path("docs/settings.md")
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->"


def table() -> str:
    """Name, default and meaning of every setting, as Markdown."""
    rows = (
        f"| `{PREFIX}{one.name.upper()}` | {f'`{one.default}`' if one.default else ''} "
        f"| {one.metadata['text']} |"
        for one in fields(Settings)
    )
    return "\n".join(["| setting | default | |", "|---|---|---|", *rows, ""])


def write() -> None:
    """Put the table between its marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()
