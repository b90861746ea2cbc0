"""Fixtures of every room: a database of each kind with example B in it, and a running site."""

import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from actions import keys
from actions.unit_of_work import settle
from app.database import connect, disconnect
from app.settings import Settings
from tests.support import databases
from tests.support.example_b import seed
from tests.support.site import Site, serving


def missing(reason: str) -> None:
    """What a machine lacks is skipped with a reason, and fails in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True, scope="session")
def _keys() -> None:
    """As the composition root says them."""
    keys.use(["a secret key of tests and of nothing else"])


@pytest.fixture(scope="session")
def sqlite_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with example B, to be copied."""
    path = tmp_path_factory.mktemp("example") / "example.sqlite3"
    databases.in_a_loop_of_its_own(databases.prepare(f"sqlite://{path}", seed))
    return path


@pytest.fixture(scope="session")
def postgres_example() -> Iterator[str]:
    """The name of a PostgreSQL database with example B, to be used as a template."""
    name = databases.fresh_name()
    try:
        databases.in_a_loop_of_its_own(databases.postgres(f"CREATE DATABASE {name}"))
    except OSError as error:
        missing(f"no PostgreSQL at {databases.POSTGRES}: {error}")
    try:
        databases.in_a_loop_of_its_own(databases.prepare(databases.postgres_url(name), seed))
        yield name
    finally:
        databases.in_a_loop_of_its_own(databases.postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[str]:
    """The address of a database with example B, this test's own; each test runs on both kinds."""
    if request.param == "sqlite":
        example: Path = request.getfixturevalue("sqlite_example")
        yield databases.copied(example, tmp_path / "test.sqlite3")
        return
    name = databases.fresh_name()
    template: str = request.getfixturevalue("postgres_example")
    await databases.postgres(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield databases.postgres_url(name)
    finally:
        await databases.postgres(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a site of this test alone."""
    monkeypatch.chdir(tmp_path)
    databases.forget_dialect()
    files = str(tmp_path / "files")
    return Settings(database_url=database_url, files_url=files, mail="off")


@pytest.fixture
async def site(settings: Settings) -> AsyncGenerator[Site]:
    """A running desk with example B, and its database open in this process."""
    async with serving(settings) as running:
        await databases.freshen()
        yield running


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[None]:
    """The database with example B, open, without a server."""
    await connect(settings)
    await databases.freshen()
    try:
        yield
    finally:
        await settle()
        await disconnect()
