"""Demo desks for the tests: loaded once on each database, opened again by every test."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tortoise import Tortoise

from actions.unit_of_work import settle
from app import demo
from app.database import connect, disconnect, migrate
from app.settings import Settings
from tests.support.databases import forget_dialect

NOW = datetime(2026, 3, 17, 15, 40, 12, 345678, tzinfo=UTC)
"""A Tuesday afternoon."""
SECRET = frozenset({"password_hash", "epoch", "rights_version"})
"""Columns that no two desks share."""


@dataclass
class Loaded:
    """A desk's address, and what loading it did outside the database."""

    settings: Settings
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    content: str = ""
    """A hash of its rows, once it is created."""
    progress: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    async def put(self, key: str, data: bytes) -> None:
        assert key not in self.files
        self.files[key] = data

    async def fill(self, now: datetime = NOW) -> None:
        """Load the demo into the database that is open."""
        await demo.load(self.put, now, lambda done, total: self.progress.append((done, total)))

    async def create(self) -> None:
        """The desk from nothing."""
        async with self.opened():
            await self.fill()
            self.content = await content()

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """The database, connected and migrated."""
        forget_dialect()
        await connect(self.settings)
        try:
            await migrate(self.settings)
            yield
        finally:
            await settle()
            await disconnect()


async def content() -> str:
    """A hash over every row of every table, salts and versions apart."""
    whole = hashlib.sha256()
    for name, model in sorted(Tortoise.apps["models"].items()):
        for row in await model.all().order_by("id").values():
            kept = {column: value for column, value in row.items() if column not in SECRET}
            whole.update(f"{name} {sorted(kept.items())}\n".encode())
    return whole.hexdigest()
