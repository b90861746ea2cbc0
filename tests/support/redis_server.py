"""A Redis of a test's own, to be restarted, frozen and killed."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

HANG_S = 20
"""Longer than anything takes."""


class RedisServer:
    """A Redis of the test's own, empty at every start."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = f"--port {self.port} --bind 127.0.0.1 --save  --appendonly no --dir"
        self._process = subprocess.Popen(
            ["redis-server", *settings.split(" "), str(self._folder)], stdout=subprocess.DEVNULL
        )

    def signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def say(self, *command: str) -> str:
        """Send one command; answers with the first line of the reply."""
        words = [word.encode("latin-1") for word in command]
        with socket.create_connection(("127.0.0.1", self.port)) as redis:
            redis.sendall(b"*%d\r\n" % len(words))
            redis.sendall(b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
            return redis.makefile().readline().strip()

    def ready(self) -> "RedisServer":
        """Start, and return once it answers."""
        self.start()
        for _ in range(1000):
            with suppress(OSError):
                if self.say("PING") == "+PONG":
                    return self
            time.sleep(0.01)
        pytest.fail("Redis does not start")


def stopped_redis(folder: Path) -> Iterator[RedisServer]:
    """A server that is not started yet, and is gone in the end; the body of a fixture."""
    if not shutil.which("redis-server"):
        assert os.environ.get("CI") != "true", "CI must have redis-server"
        pytest.skip("no redis-server on this machine")
    server = RedisServer(folder)
    yield server
    server.kill()


async def until(
    true: Callable[[], bool], why: Callable[[], str] = lambda: "it never became true"
) -> None:
    """Wait for what will be true soon."""
    for _ in range(HANG_S * 100):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail(why())
