"""Fixtures of the command line: programs on no, an empty and a peopled database."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.app.program import Program, free_port
from tests.conftest import missing
from tests.support import databases


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of all tests keep what Python compiles."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def program(tmp_path: Path, bytecode: Path) -> Program:
    """In an empty folder, with the defaults but the port: other tests serve at the same time."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Program(folder, bytecode).set(port=free_port())


@pytest.fixture
def desk(program: Program, database_url: str) -> Program:
    """On example B, on either database."""
    return program.set(database_url=database_url)


@pytest.fixture
def sqlite_desk(program: Program, sqlite_example: Path, tmp_path: Path) -> Program:
    """On example B, on SQLite: for what has nothing to do with the database."""
    return program.set(database_url=databases.copied(sqlite_example, tmp_path / "test.sqlite3"))


@pytest.fixture
def postgres_url() -> Generator[str]:
    """The address of an empty PostgreSQL database."""
    name = databases.fresh_name()
    try:
        databases.in_a_loop_of_its_own(databases.postgres(f"CREATE DATABASE {name}"))
    except OSError as error:
        missing(f"no PostgreSQL at {databases.POSTGRES}: {error}")
    try:
        yield databases.postgres_url(name)
    finally:
        databases.in_a_loop_of_its_own(databases.postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a table, of either kind."""
    if request.param == "sqlite":
        return f"sqlite://{tmp_path}/empty.sqlite3"
    url: str = request.getfixturevalue("postgres_url")
    return url
