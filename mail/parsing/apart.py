"""A process that parses mails for this one: what takes too long in it is ended with it.

Frames both ways are eight bytes of length and the rest: a mail in, a pickled message out.
"""

import atexit
import os
import pickle
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from select import select

from mail.message import Message

CHILD = "from mail.parse_child import main; main()"
ROOT = Path(__file__).parents[2]
_LENGTH = 8
_CHUNK = 1 << 16


class TookTooLong(Exception):
    """The mail was not parsed in its time; the process that tried is gone."""


class Died(Exception):
    """The process ended over this mail."""


class Parser:
    """One such process, started when needed; one mail at a time."""

    def __init__(self, child: str = CHILD) -> None:
        self._child = child
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    def parse(self, raw: bytes, limit_s: float) -> Message:
        """Blocks; the time of waiting for one's turn does not count. Raises TookTooLong, Died."""
        with self._turn:
            process = self._started()
            try:
                return self._asked(process, raw, time.monotonic() + limit_s)
            except BaseException:
                self._end()
                raise

    def close(self) -> None:
        """End the process; the next mail starts another."""
        with self._turn:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", self._child],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
            )
        return self._process

    def _asked(self, process: subprocess.Popen[bytes], raw: bytes, until: float) -> Message:
        writer = threading.Thread(target=_write, args=(process, raw), daemon=True)
        writer.start()
        size = int.from_bytes(_read(process, _LENGTH, until))
        answer = _read(process, size, until)
        writer.join()
        return pickle.loads(answer)  # noqa: S301

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _write(process: subprocess.Popen[bytes], raw: bytes) -> None:
    """Who does not read any more is dead, and found so by its silence."""
    if process.stdin is not None:
        with suppress(OSError, ValueError):
            process.stdin.write(len(raw).to_bytes(_LENGTH) + raw)
            process.stdin.flush()


def _read(process: subprocess.Popen[bytes], size: int, until: float) -> bytes:
    out = bytearray()
    pipe = process.stdout
    while pipe is not None and len(out) < size:
        left = until - time.monotonic()
        if left <= 0:
            raise TookTooLong
        if select([pipe], [], [], left)[0]:
            more = os.read(pipe.fileno(), min(_CHUNK, size - len(out)))
            if not more:
                raise Died
            out += more
    return bytes(out)


PARSER = Parser()
atexit.register(PARSER.close)
