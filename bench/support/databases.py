"""A database for a server: an empty one of its own, gone afterwards."""

import importlib
import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.support.processes import BenchError

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

POSTGRES = os.environ.get("SPORTELLO_BENCH_POSTGRES", "postgres://root@127.0.0.1:5432")
KINDS = ("sqlite", "postgres")


@asynccontextmanager
async def fresh(kind: str) -> AsyncGenerator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
            yield f"sqlite://{Path(folder) / 'bench.sqlite3'}"
        return
    name = f"sportello_bench_{uuid4().hex}"
    await _administer(f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRES}/{name}"
    finally:
        await _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def plain(url: str) -> str:
    """The address as asyncpg takes it."""
    return url.replace("postgres://", "postgresql://")


async def _administer(statement: str) -> None:
    try:
        connection = await asyncpg.connect(f"{plain(POSTGRES)}/postgres")
    except OSError as error:
        raise BenchError(
            f"no PostgreSQL at {POSTGRES} ({error}): set SPORTELLO_BENCH_POSTGRES"
        ) from error
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
