"""Fixtures of the files room: both databases, both storages, a server and who may ask it."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import LogCapture
from tortoise.backends.base import executor

from actions.unit_of_work import settle
from app.database import connect, disconnect, migrate
from app.files.storage import Storage
from app.settings import Settings
from models.desk import Desk
from models.sql import connection
from tests.files.site import BUCKET, Site, World, serving

POSTGRES = os.environ.get("SPORTELLO_TEST_POSTGRES", "postgres://root@127.0.0.1:5432")


# --- databases: migrated once, copied for each test


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("database") / "template.sqlite3"
    _in_a_thread(_migrated(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    name = f"files_{uuid4().hex}"
    _in_a_thread(_sql(f"CREATE DATABASE {name}"))
    try:
        _in_a_thread(_migrated(f"{POSTGRES}/{name}"))
        yield name
    finally:
        _in_a_thread(_sql(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[None]:
    """An open database of this test alone."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        async with _opened(f"sqlite://{path}"):
            yield
        return
    template, name = request.getfixturevalue("postgres_template"), f"files_{uuid4().hex}"
    await _sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        async with _opened(f"{POSTGRES}/{name}"):
            yield
    finally:
        await _sql(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[None]:
    _forget_dialect()
    await connect(Settings(database_url=url))
    try:
        # What is cached by these must not outlive the test.
        await Desk.filter(id=1).update(epoch=uuid4().hex, rights_version=secrets.randbelow(2**40))
        yield
    finally:
        await settle()
        await disconnect()


async def _migrated(url: str) -> None:
    _forget_dialect()
    settings = Settings(database_url=url)
    await connect(settings)
    await migrate(settings)
    await disconnect()


def _forget_dialect() -> None:
    """Tortoise keeps its INSERTs by connection name, in the dialect it met first."""
    cast("Any", executor).EXECUTOR_CACHE.clear()


async def _sql(statement: str) -> None:
    await connect(Settings(database_url=f"{POSTGRES}/postgres"))
    try:
        await connection().execute_script(statement)
    finally:
        await disconnect()


def _in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop of its own, apart from pytest's."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


# --- storages


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a running S3-compatible server with an empty bucket."""
    program = shutil.which(
        "moto_server", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    )
    if program is None:
        reason = "moto_server is not installed: pip install 'moto[server]'"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with _running(program) as address:
        httpx.put(f"{address}/{BUCKET}", trust_env=False).raise_for_status()
        yield address


@contextmanager
def _running(program: str) -> Generator[str]:
    command = [program, "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            said = next(line for line in process.stderr if "Running on" in line)
            # It logs every request: what nobody reads would block it.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(process.stderr.read)
                yield said.split()[-1]
                process.terminate()
        finally:
            process.terminate()


@pytest.fixture(params=["local", "s3"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Storage:
    """An empty storage of this test alone."""
    if request.param == "local":
        return Storage.open(str(tmp_path / "files"))
    address = request.getfixturevalue("s3_server")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return Storage.open(f"s3://{BUCKET}/{uuid4().hex}", address)


@pytest.fixture
def local_storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path / "files"))


# --- who asks whom


@pytest.fixture
async def world(database: None) -> World:
    """Operators, contacts and tickets."""
    return await World.made()


@pytest.fixture
async def site(world: World, local_storage: Storage) -> AsyncIterator[Site]:
    """A running server with local storage."""
    async with serving(world, local_storage) as site:
        yield site


@pytest.fixture(autouse=True)
def logs() -> Iterator[LogCapture]:
    """What was logged; a test that expects a bug takes it out with `bugs`."""
    capture = LogCapture()
    structlog.configure(processors=[merge_contextvars, capture])
    yield capture
    structlog.reset_defaults()
    assert not [entry for entry in capture.entries if entry["log_level"] == "error"]
