"""Fixtures of what is between processes: a Redis that is not running yet, and one that is."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.support.redis_server import RedisServer


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[RedisServer]:
    if not shutil.which("redis-server"):
        missing("no redis-server on this machine")
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def server(stopped: RedisServer) -> RedisServer:
    stopped.start()
    for _ in range(1000):
        with suppress(OSError):
            if stopped.say("PING") == "+PONG":
                return stopped
        time.sleep(0.01)
    pytest.fail("Redis does not start")
