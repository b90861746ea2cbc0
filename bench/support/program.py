"""A bench as a program: on the client's core, and out with one line when it cannot go on."""

import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bench.support import cores
from bench.support.processes import BenchError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; servers it started have ended when this returns."""
    cores.settle()
    try:
        return uvloop.run(work)
    except BenchError as error:
        sys.exit(f"bench: {error}")
