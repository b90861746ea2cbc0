"""A bench as a program: on the client's core, and out with one line when it cannot go on."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from bench.support import cores
from bench.support.processes import BenchError

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do the work on the client's core."""
    cores.settle()
    return done(work)


def done(work: Coroutine[Any, Any, T]) -> T:
    """Do the work; what it started or made is gone when this returns, told to stop or not."""
    try:
        return uvloop.run(_until_told(work))
    except BenchError as error:
        sys.exit(f"bench: {error}")
    except asyncio.CancelledError:
        sys.exit("bench: told to stop")


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
