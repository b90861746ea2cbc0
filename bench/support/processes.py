"""Servers as processes of their own: started on their core, looked at, ended by their pid."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.support.cores import at_the_server

ROOT = Path(__file__).parents[2]
START_S, STOP_S = 60, 20
TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


@dataclass(frozen=True)
class Process:
    """A server that runs, and where it listens."""

    pid: int
    port: int
    log: Path

    @property
    def cpu_s(self) -> float:
        """Processor time so far, of all its threads."""
        stat = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    @property
    def rss_kib(self) -> int:
        """What it holds of memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)

    def sane(self) -> None:
        """Raises BenchError when its log has a traceback: what was measured then is not it."""
        text = self.log.read_text(errors="replace")
        if "Traceback" in text:
            raise BenchError(f"a traceback in the server's log:\n{text[-3000:]}")


def environment(**more: str) -> dict[str, str]:
    """Ours without settings of Sportello, and with this tree to import from, compiled once."""
    unwanted = ("SPORTELLO_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: one for name, one in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@asynccontextmanager
async def running(
    command: Sequence[str], port: int, more: Mapping[str, str] | None = None
) -> AsyncGenerator[Process]:
    """Start it in a folder of its own, wait until it listens, and end it."""
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        log = Path(folder) / "log.txt"
        with log.open("wb") as to, at_the_server():
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env=environment(**(more or {})),
                stdin=subprocess.DEVNULL,
                stdout=to,
                stderr=to,
            )
        try:
            if not await _listens(process, port):
                said = log.read_text(errors="replace")[-3000:]
                raise BenchError(f"{' '.join(command)} does not listen:\n{said}")
            yield Process(process.pid, port, log)
        finally:
            await _end(process)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of ours."""
    return [sys.executable, "-m", module, *arguments]


async def _listens(process: asyncio.subprocess.Process, port: int) -> bool:
    """Whether it does, before it ends and before patience does."""
    patience = time.monotonic() + START_S
    while process.returncode is None and time.monotonic() < patience:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return True
    return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
