"""Fixtures of the demo: a loaded desk on SQLite, and one on PostgreSQL."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.conftest import missing
from tests.demo.desks import Loaded
from tests.support.databases import (
    POSTGRES,
    fresh_name,
    in_a_loop_of_its_own,
    postgres,
    postgres_url,
)


@pytest.fixture(scope="session")
def sqlite_desk(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    path = tmp_path_factory.mktemp("demo") / "desk.sqlite3"
    loaded = Loaded(Settings(database_url=f"sqlite://{path}"))
    in_a_loop_of_its_own(loaded.create())
    return loaded


@pytest.fixture(scope="session")
def postgres_desk() -> Iterator[Loaded]:
    name = fresh_name()
    try:
        in_a_loop_of_its_own(postgres(f"CREATE DATABASE {name}"))
    except OSError as error:
        missing(f"no PostgreSQL at {POSTGRES}: {error}")
    try:
        loaded = Loaded(Settings(database_url=postgres_url(name)))
        in_a_loop_of_its_own(loaded.create())
        yield loaded
    finally:
        in_a_loop_of_its_own(postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A second desk, of the same moment."""
    path = tmp_path_factory.mktemp("twin") / "desk.sqlite3"
    loaded = Loaded(Settings(database_url=f"sqlite://{path}"))
    in_a_loop_of_its_own(loaded.create())
    return loaded


@pytest.fixture(params=["sqlite_desk", "postgres_desk"])
async def desk(request: pytest.FixtureRequest) -> AsyncGenerator[Loaded]:
    """The loaded desk, its database open; tests leave it as it was."""
    loaded: Loaded = request.getfixturevalue(request.param)
    async with loaded.opened():
        yield loaded


@pytest.fixture
def fresh(tmp_path: Path) -> Loaded:
    """An empty desk of this test alone, on SQLite."""
    return Loaded(Settings(database_url=f"sqlite://{tmp_path / 'fresh.sqlite3'}"))
