"""Fixtures of what is between processes: a Redis that is not running yet, and one that is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer, stopped_redis


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[RedisServer]:
    yield from stopped_redis(tmp_path)


@pytest.fixture
def server(stopped: RedisServer) -> RedisServer:
    return stopped.ready()
