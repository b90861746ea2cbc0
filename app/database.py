"""Opens the database and knows whether its migrations are those of the code."""

import asyncio
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.migrations.api.migrate import migrate as run_migrations
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.migration import Migration
from tortoise.migrations.recorder import MigrationRecorder

from app.migrating import states_shared
from app.settings import Settings
from models import MODULES
from models.desk import Desk
from models.sql import Statement, connection, rows

POOL = 10
"""PostgreSQL connections per process."""
PATIENCE_S = 15
"""For the first answer: a host that drops packets would take minutes to give up on."""


class DatabaseError(Exception):
    """The database cannot be used as it is; the message says why and how to mend it."""


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database URL."""
    return {
        "connections": {"default": _tortoise_url(url)},
        "apps": {
            "models": {
                "models": list(MODULES),
                "default_connection": "default",
                "migrations": "migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(settings: Settings) -> None:
    """Open the connections. Raises DatabaseError when the server cannot be reached."""
    try:
        if settings.sqlite:
            sqlite_path(settings).parent.mkdir(parents=True, exist_ok=True)
        await Tortoise.init(config=config(settings.database_url), _enable_global_fallback=True)
        async with asyncio.timeout(PATIENCE_S):
            await connection().execute_query_dict("SELECT 1")
    except Exception as error:
        await disconnect()
        raise DatabaseError(
            f"The database at {_safe(settings.database_url)} cannot be reached: {_why(error)}. "
            "Is it running, and is SPORTELLO_DATABASE_URL right?"
        ) from error


async def disconnect() -> None:
    """Close the connections."""
    await Tortoise.close_connections()


async def migrate(settings: Settings) -> list[str]:
    """Bring the open database up to the code; the names of what was applied.

    Raises DatabaseError when the database is ahead of the code.
    """
    ahead, behind = await drift(settings)
    if ahead:
        raise DatabaseError(_ahead(ahead))
    if behind:
        with states_shared(_loaded(settings).values()):
            await run_migrations(config=config(settings.database_url))
        await Tortoise.close_connections()
        await connect(settings)
    if not await Desk.exists(id=1):
        await Desk.create(id=1, epoch=uuid4().hex, rights_version=secrets.randbelow(2**40))
    return behind


async def require_current(settings: Settings) -> None:
    """Raises DatabaseError when migrations are missing, or unknown to this code."""
    ahead, behind = await drift(settings)
    if ahead:
        raise DatabaseError(_ahead(ahead))
    if behind:
        raise DatabaseError(
            f"The database lacks {', '.join(behind)}: run `sportello migrate` first."
        )


async def drift(settings: Settings) -> tuple[list[str], list[str]]:
    """Migrations the database has and the code has not, and the other way round."""
    recorder = MigrationRecorder(get_connection("default"))
    known = known_migrations(settings)
    applied = {key.name for key in await recorder.applied_migrations()}
    return sorted(applied - known), sorted(known - applied)


def known_migrations(settings: Settings) -> frozenset[str]:
    """The names of those this code has; reads them from the disk."""
    return frozenset(key.name for key in _loaded(settings))


def _loaded(settings: Settings) -> dict[MigrationKey, Migration]:
    recorder = MigrationRecorder(get_connection("default"))
    loader = MigrationLoader(config(settings.database_url)["apps"], recorder)
    loader.load_disk()
    return loader.disk_migrations


async def applied_migrations() -> frozenset[str]:
    """The names of those the database has, in one statement; raises when it does not answer."""
    found = await rows("SELECT name FROM tortoise_migrations", Statement())
    return frozenset(row["name"] for row in found)


def _ahead(names: list[str]) -> str:
    return (
        f"The database has {', '.join(names)}, which this version does not know: "
        "start the version that made it, or a later one."
    )


def _tortoise_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        separator = "&" if parts.query else "?"
        return f"{url}{separator}busy_timeout=5000&synchronous=NORMAL"
    query = f"{parts.query}&" if parts.query else ""
    return parts._replace(scheme="asyncpg", query=f"{query}minsize=1&maxsize={POOL}").geturl()


def sqlite_path(settings: Settings) -> Path:
    """The file of the embedded database."""
    return Path(settings.database_url.removeprefix("sqlite://").partition("?")[0])


def _why(error: Exception) -> str:
    """The reason in words; Tortoise keeps the server's own as the cause."""
    if isinstance(error, TimeoutError):
        return f"no answer in {PATIENCE_S} seconds"
    return str(error.__cause__ or error).strip().rstrip(".")


def _safe(url: str) -> str:
    """The address without the password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":…@")).geturl()
