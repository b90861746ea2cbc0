"""What is left to chance, repeatably; and how much of everything there is."""

import os
import random
import secrets

SEED = "SPORTELLO_FAULTS_SEED"
SCALE = "SPORTELLO_FAULTS_SCALE"


def seed() -> str:
    """This run's; workers that pytest starts have it from the environment."""
    return os.environ.setdefault(SEED, secrets.token_hex(4))


def dice(*names: object) -> random.Random:
    """The same for the same seed and names, whatever ran before."""
    return random.Random(":".join(map(str, (seed(), *names))))  # noqa: S311


def scale() -> float:
    """1 is the full size; by default what two cores get through in minutes."""
    return float(os.environ.get(SCALE) or 0.1)


def sized(full: int, least: int = 1) -> int:
    """How many, of what is `full` in all."""
    return max(least, round(full * scale()))


def patience_s() -> float:
    """A guard against hanging, not a measure: several position checks, on a slow machine."""
    return 120 * max(1.0, 10 * scale())
