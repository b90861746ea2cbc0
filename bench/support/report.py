"""What a bench says: a line of JSON per figure on standard output, the rest on standard error."""

import math
import sys
import time

import orjson

BEGAN = time.monotonic()
WIDTH = 100


def figure(name: str, ratio: float, **raw: object) -> None:
    """Print a figure with every raw number it was made of."""
    _line({"name": name, "ratio": rounded(ratio), **raw})


def skipped(name: str, why: str) -> None:
    """Print that a figure could not be taken, and why; nothing has gone wrong by that."""
    progress(f"{name}: skipped, {why}")
    _line({"name": name, "ratio": None, "skipped": why})


def progress(text: str) -> None:
    """A line for who waits, with the seconds since the start."""
    sys.stderr.write(f"{time.monotonic() - BEGAN:6.1f} s  {text[:WIDTH]}\n")
    sys.stderr.flush()


def rounded(number: float) -> float:
    """To three digits: there is no more to a measurement on a shared machine."""
    if isinstance(number, int):
        return number
    return float(f"{number:.3g}") if math.isfinite(number) else 0.0


def _line(found: dict[str, object]) -> None:
    sys.stdout.write(orjson.dumps(found).decode() + "\n")
    sys.stdout.flush()
