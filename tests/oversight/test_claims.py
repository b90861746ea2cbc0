"""Several processes on one database: with Redis all of them, without it one."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.claims import Claim, ClaimRefused, Company, base, claim_on
from app.claims.file import FileHold
from app.claims.postgres import DESK, KIND
from app.settings import Settings
from models.sql import Statement, connection, rows

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

LOST, AGAIN, REFUSED = (
    "claim on the database lost",
    "claim on the database taken again",
    "claim on the database refused",
)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for, and losses are looked for often."""
    monkeypatch.setattr(base, "PATIENCE_S", 0.0)
    monkeypatch.setattr(base, "CHECK_S", 0.05)
    monkeypatch.setattr(base, "RETAKE_S", 0.05)


@pytest.fixture
async def alone(database: None, settings: Settings, quick: None) -> AsyncIterator[Claim]:
    """That of a process without Redis, not taken yet."""
    claim = claim_on(settings)
    yield claim
    await claim.release()


@pytest.fixture
async def beside(database: None, settings: Settings, quick: None) -> AsyncIterator[list[Claim]]:
    """Those of two processes with Redis, not taken yet."""
    several = Settings(database_url=settings.database_url, redis_url="redis://anywhere")
    claims = [claim_on(several), claim_on(several)]
    yield claims
    for claim in claims:
        await claim.release()


async def test_one_without_redis(alone: Claim, settings: Settings, beside: list[Claim]) -> None:
    assert await alone.company() is Company.NOBODY
    await alone.take()
    assert alone.held
    another = claim_on(settings)
    assert await another.company() is Company.ALONE
    with pytest.raises(ClaimRefused, match=r"without Redis only one may: set SPORTELLO_REDIS_URL"):
        await another.take()
    with pytest.raises(ClaimRefused, match="A process without Redis runs on this database"):
        await beside[0].take()
    assert alone.held
    await alone.release()
    assert not alone.held
    await another.take()
    await another.release()


async def test_several_with_redis(alone: Claim, beside: list[Claim]) -> None:
    for claim in beside:
        await claim.take()
    with pytest.raises(ClaimRefused, match="set SPORTELLO_REDIS_URL to theirs"):
        await alone.take()
    await beside[0].release()
    assert await alone.company() is Company.OTHERS
    await beside[1].release()
    await alone.take()


async def test_who_ends_is_waited_for(
    alone: Claim, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "PATIENCE_S", 60.0)
    await alone.take()
    another = claim_on(settings)
    starting = asyncio.create_task(another.take())
    await asyncio.sleep(0.1)
    assert not starting.done()
    await alone.release()
    await asyncio.wait_for(starting, 30)
    await another.release()


async def cut_off() -> None:
    """End the session of the claim, as a restart of PostgreSQL would."""
    to = Statement()
    cut = await rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = current_database() AND application_name = {to.add('sportello claim')}",
        to,
    )
    assert cut


async def until_said(logs: Sequence[Mapping[str, Any]], event: str) -> None:
    for _ in range(600):
        if any(line["event"] == event for line in logs):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"never said: {event}")


on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
"""The lock of a file ends with the process alone."""


@on_postgres
async def test_a_session_that_ends_is_begun_again(alone: Claim, settings: Settings) -> None:
    await alone.take()
    with capture_logs() as logs:
        await cut_off()
        await until_said(logs, AGAIN)
    assert [line["event"] for line in logs] == [LOST, AGAIN]
    with pytest.raises(ClaimRefused):
        await claim_on(settings).take()


@on_postgres
async def test_another_came_in_between(alone: Claim, settings: Settings) -> None:
    """The process goes on, says so once, and has its claim when the other has gone."""
    await alone.take()
    other = await asyncpg.connect(settings.database_url.replace("postgres:", "postgresql:"))
    waiting = asyncio.create_task(
        other.execute("SELECT pg_advisory_lock_shared($1, $2)", KIND, DESK)
    )
    await asyncio.sleep(0.5)
    assert not waiting.done()
    with capture_logs() as logs:
        await cut_off()
        await waiting
        await until_said(logs, REFUSED)
        assert not alone.held
        await other.close()
        await until_said(logs, AGAIN)
    assert alone.held
    assert [line["event"] for line in logs] == [LOST, REFUSED, AGAIN]
    assert logs[1]["why"] == base.ALONE_BESIDE_OTHERS


async def test_the_pool_does_not_undo_it(alone: Claim, settings: Settings) -> None:
    """It resets what it takes back, locks included."""
    await alone.take()
    await asyncio.gather(*(rows("SELECT 1", Statement()) for _ in range(30)))
    with pytest.raises(ClaimRefused):
        await claim_on(settings).take()


async def test_one_file_by_any_name(tmp_path: Path) -> None:
    database = tmp_path / "desk.sqlite3"
    database.touch()
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    one, other = FileHold(database), FileHold(tmp_path / "link" / "desk.sqlite3")
    assert await one.take(shared=False)
    assert not await other.take(shared=True)
    await one.release()
    assert await other.take(shared=True)
    await other.release()


async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    claim = Claim(FileHold(tmp_path / "missing" / "desk.sqlite3"), shared=False)
    with pytest.raises(ClaimRefused, match="cannot be claimed for this process"):
        await claim.take()


@on_postgres
async def test_a_database_that_has_gone(alone: Claim) -> None:
    connection().port = 1
    with pytest.raises(ClaimRefused, match="cannot be claimed for this process"):
        await alone.take()
