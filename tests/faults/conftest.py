"""Fixtures of the fault tests: installations of real processes, and logs without a traceback."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.app.program import Program
from tests.conftest import missing
from tests.faults import chance, crowd
from tests.faults.installation import Installation, installation
from tests.support import databases
from tests.support.redis_server import RedisServer, stopped_redis

Found = Callable[..., Awaitable[Installation]]


def pytest_configure() -> None:
    """Workers of pytest-xdist have the seed of the run."""
    chance.seed()


def pytest_report_header() -> str:
    """What to set to have the same happen again."""
    return f"faults: {chance.SEED}={chance.seed()} {chance.SCALE}={chance.scale():g}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure names its seed."""
    report = yield
    if report.failed:
        report.sections.append(("seed", pytest_report_header()))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Guards against hanging grow with the sizes."""
    for item in items:
        item.add_marker(pytest.mark.timeout(500 * max(1, chance.scale() * 10)))


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of all tests keep what Python compiles."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="session")
def sqlite_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with example B and a crowd, to be copied."""
    path = tmp_path_factory.mktemp("example") / "example.sqlite3"
    databases.in_a_loop_of_its_own(databases.prepare(f"sqlite://{path}", crowd.seed))
    return path


@pytest.fixture(scope="session")
def postgres_example() -> Iterator[str]:
    """The name of a PostgreSQL database with the same, to be used as a template."""
    name = databases.fresh_name()
    try:
        databases.in_a_loop_of_its_own(databases.postgres(f"CREATE DATABASE {name}"))
    except OSError as error:
        missing(f"no PostgreSQL at {databases.POSTGRES}: {error}")
    try:
        url = databases.postgres_url(name)
        databases.in_a_loop_of_its_own(databases.prepare(url, crowd.seed))
        yield name
    finally:
        databases.in_a_loop_of_its_own(databases.postgres(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running one, of this test alone."""
    for server in stopped_redis(tmp_path):
        yield server.ready()


@pytest.fixture
async def found(
    request: pytest.FixtureRequest, tmp_path: Path, bytecode: Path, database_url: str
) -> AsyncGenerator[Found]:
    """Make an installation of some servers: one without Redis on SQLite, or whenever said so.

    At the end everything is taken down, and no log of any server has a traceback in it.
    """
    made: list[Installation] = []

    async def make(servers: int = 1, *, redis: bool = True) -> Installation:
        home = tmp_path / "home"
        home.mkdir()
        embedded = database_url.startswith("sqlite") or not redis
        own: RedisServer | None = None if embedded else request.getfixturevalue("redis")
        made.append(installation(Program(home, bytecode), database_url, own))
        await made[0].add(1 if embedded else servers)
        return made[0]

    try:
        yield make
    finally:
        for one in made:
            await one.end()
    for one in made:
        one.assert_no_faults()
