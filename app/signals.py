"""What stops a process: Ctrl+C and the wish of whoever started it."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(callback: Callable[[signal.Signals], None]) -> Generator[None]:
    """Within the block a signal calls `callback`, in the loop, and does nothing else."""
    loop = asyncio.get_running_loop()
    for one in STOPPING:
        loop.add_signal_handler(one, callback, one)
    try:
        yield
    finally:
        for one in STOPPING:
            loop.remove_signal_handler(one)
