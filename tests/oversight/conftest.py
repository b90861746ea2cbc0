"""Fixtures of oversight: programs on example B, and a Redis to be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.program import Program, free_port
from tests.support.redis_server import RedisServer, stopped_redis


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of all tests keep what Python compiles."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def desks(tmp_path: Path, bytecode: Path, database_url: str) -> list[Program]:
    """Three programs on one database, each with a folder and a port of its own."""
    found: list[Program] = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        program = Program(tmp_path / name, bytecode)
        found.append(program.set(database_url=database_url, port=free_port(), secret_key="k" * 48))
    return found


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running one, of this test alone."""
    for server in stopped_redis(tmp_path):
        yield server.ready()
