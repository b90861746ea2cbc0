"""Databases for tests: migrated and peopled once a session, copied for each test."""

import asyncio
import importlib
import os
import secrets
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from tortoise.backends.base import executor

from app.database import connect, disconnect, migrate
from app.settings import Settings
from models.desk import Desk

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

POSTGRES = os.environ.get("SPORTELLO_TEST_POSTGRES", "postgres://root@127.0.0.1:5432")
Seed = Callable[[], Awaitable[None]]


def in_a_loop_of_its_own(work: Coroutine[Any, Any, None]) -> None:
    """Run it apart from pytest's loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def forget_dialect() -> None:
    """Tortoise keeps its INSERTs by connection name, in the dialect it met first."""
    cast("Any", executor).EXECUTOR_CACHE.clear()


async def prepare(url: str, seed: Seed) -> None:
    """Migrate an empty database and people it."""
    forget_dialect()
    settings = Settings(database_url=url)
    await connect(settings)
    try:
        await migrate(settings)
        await seed()
    finally:
        await disconnect()


async def freshen() -> None:
    """What is cached by epoch and version in this process must not outlive the test."""
    await Desk.filter(id=1).update(epoch=uuid4().hex, rights_version=secrets.randbelow(2**40))


async def postgres(statement: str) -> None:
    """One statement on the server, outside any database of ours."""
    connection = await asyncpg.connect(
        f"{POSTGRES.replace('postgres://', 'postgresql://')}/postgres"
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def postgres_url(name: str) -> str:
    """The address of a database."""
    return f"{POSTGRES}/{name}"


def copied(template: Path, to: Path) -> str:
    """A copy of a SQLite database; its address."""
    shutil.copy(template, to)
    return f"sqlite://{to}"


def fresh_name() -> str:
    """A database name nobody else has."""
    return f"sportello_test_{uuid4().hex}"
