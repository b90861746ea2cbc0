"""`sportello` as a process of its own, in an empty folder, with an environment of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from app.database import connect, disconnect
from app.settings import Settings
from tests.support import databases

T = TypeVar("T")
HANG_S = 90
"""A guard against hanging, not a measure."""
ROOT = Path(__file__).parents[2]
KEY = "k" * 48


@dataclass(frozen=True)
class Done:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Running:
    """A process that is under way."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def out(self) -> str:
        return (self.folder / "out.txt").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "err.txt").read_text()

    def until(self, ready: Callable[[], bool]) -> None:
        """Wait; fails with what the process said when it ends before, or never gets there."""
        end = time.monotonic() + HANG_S
        while not ready():
            assert self.process.poll() is None, f"ended early: {self.out}{self.err}"
            assert time.monotonic() < end, f"hangs: {self.out}{self.err}"
            time.sleep(0.05)

    def says(self, text: str) -> None:
        """Wait for a text on standard output."""
        self.until(lambda: text in self.out)

    def stop(self, number: signal.Signals) -> Done:
        """Send a signal, and wait for the end."""
        self.process.send_signal(number)
        return Done(self.process.wait(HANG_S), self.out, self.err)


@dataclass(frozen=True)
class Program:
    """The command line, with settings by their short names."""

    folder: Path
    bytecode: Path
    settings: tuple[tuple[str, str], ...] = ()

    def set(self, **settings: object) -> "Program":
        """The same with these settings too: `set(port=8000)` is SPORTELLO_PORT."""
        more = tuple((name.upper(), str(value)) for name, value in settings.items())
        return replace(self, settings=self.settings + more)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of ours but what was set; compiled once for all tests, not at every start."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SPORTELLO_", "AWS_", "PYTHONDONTWRITEBYTECODE"))
        }
        ours = {f"SPORTELLO_{name}": value for name, value in self.settings}
        return {**kept, "PYTHONPYCACHEPREFIX": str(self.bytecode), **ours}

    def run(self, *arguments: str, given: str = "") -> Done:
        """Run a command to its end, with `given` on standard input."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *arguments: str) -> Generator[Running]:
        """Start a command, and kill it at the end if it still runs."""
        with (
            (self.folder / "out.txt").open("wb") as out,
            (self.folder / "err.txt").open("wb") as err,
        ):
            process = subprocess.Popen(
                [sys.executable, "-m", "app", *arguments],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        try:
            yield Running(process, self.folder)
        finally:
            process.kill()
            process.wait()


def complaint(done: Done) -> str:
    """What a command that refused said: on standard error alone, each line ours, no traceback."""
    assert done.code == 1, done
    assert done.out == ""
    lines = done.err.splitlines()
    assert lines, done
    assert all(line.startswith("sportello: ") for line in lines), done.err
    return "\n".join(line.removeprefix("sportello: ") for line in lines)


def within(url: str, work: Callable[[], Awaitable[T]]) -> T:
    """Look into a database, or change it, between two commands."""
    found: list[T] = []

    async def look() -> None:
        databases.forget_dialect()
        await connect(Settings(database_url=url))
        try:
            found.append(await work())
        finally:
            await disconnect()

    databases.in_a_loop_of_its_own(look())
    return found[0]


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
