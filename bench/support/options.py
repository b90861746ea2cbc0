"""The arguments of a bench: its sizes, each with what it is in `make bench-smoke`."""

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """One argument: what a figure is taken with, and what only shows that the bench runs."""

    full: int
    smoke: int
    meaning: str


def sizes(description: str | None, **named: Size) -> dict[str, int]:
    """The sizes as given on the command line, by name."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: shows that it runs")
    for name, size in named.items():
        parser.add_argument(
            f"--{name}", type=int, metavar="N", help=f"{size.meaning} (default: {size.full})"
        )
    given = vars(parser.parse_args())
    smoke: bool = given.pop("smoke")
    return {
        name: (size.smoke if smoke else size.full) if given[name] is None else int(given[name])
        for name, size in named.items()
    }
