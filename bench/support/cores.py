"""Which core serves and which one loads it: the same two for everything that is compared."""

import os
from collections.abc import Generator
from contextlib import contextmanager

_ALLOWED = sorted(os.sched_getaffinity(0))
SERVER, CLIENT = _ALLOWED[0], _ALLOWED[-1]
"""The same core when there is but one: the figures then say less."""


def settle() -> None:
    """Stay on the client's core from here on."""
    os.sched_setaffinity(0, {CLIENT})


@contextmanager
def at_the_server() -> Generator[None]:
    """What is started in here runs on the server's core, with all its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
