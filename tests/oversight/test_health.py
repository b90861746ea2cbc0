"""`/health/…` of a running desk: what it says, and when it says that requests go elsewhere."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from app.health import readiness
from app.health.departure import Departure
from app.health.loop_lag import LoopLag
from app.settings import Settings
from app.transport.close_codes import CloseCode
from models.sql import Statement, connection, is_postgres, rows
from tests.support import databases, site as sites
from tests.support.redis_server import RedisServer
from tests.support.site import Site, serving

CHANGED = "readiness changed"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Starlette]:
    """The applications that were built."""
    found: list[Starlette] = []
    build = sites.build

    def kept(settings: Settings) -> Starlette:
        found.append(build(settings))
        return found[-1]

    monkeypatch.setattr(sites, "build", kept)
    return found


async def ready(site: Site) -> tuple[int, dict[str, Any]]:
    answer = await site.http.get("/health/ready")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


async def until(site: Site, status: str) -> dict[str, Any]:
    for _ in range(600):
        _, body = await ready(site)
        if body["status"] == status:
            return body
        await asyncio.sleep(0.05)
    pytest.fail(f"never {status}")


async def test_all_well(site: Site) -> None:
    live = await site.http.get("/health/live")
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    with capture_logs() as logs:
        status, body = await ready(site)
    assert isinstance(body.pop("loop_lag_ms"), float)
    assert (status, body) == (
        200,
        {
            "status": "ok",
            "stopping": False,
            "database": "ok",
            "migrations": "current",
            "hints": "flowing",
            "claim": "held",
        },
    )
    assert not [line for line in logs if line["event"] == CHANGED]
    assert (await site.http.post("/health/ready")).status_code == 405


async def test_migrations(site: Site) -> None:
    to = Statement()
    last = "SELECT id, name FROM tortoise_migrations ORDER BY id DESC LIMIT 1"
    ((id, name),) = [(row["id"], row["name"]) for row in await rows(last, Statement())]
    renamed = "UPDATE tortoise_migrations SET name = {} WHERE id = {}"
    with capture_logs() as logs:
        await rows(renamed.format(to.add("9999_later"), to.add(id)), to)
        status, body = await ready(site)
        assert (status, body["status"], body["migrations"]) == (503, "unavailable", "missing")
        await ready(site)
        to = Statement()
        await rows(renamed.format(to.add(name), to.add(id)), to)
        assert (await ready(site))[0] == 200
    said = [line["status"] for line in logs if line["event"] == CHANGED]
    assert said == ["unavailable", "ok"]


async def test_a_newer_version_is_being_rolled_out(site: Site) -> None:
    """Its migrations have run; we go on until our turn comes."""
    to = Statement()
    await rows(
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        f"VALUES ('models', '9999_later', {to.now})",
        to,
    )
    status, body = await ready(site)
    assert (status, body["status"], body["migrations"]) == (200, "ok", "ahead")


async def test_a_database_that_hangs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, one statement waits."""
    monkeypatch.setattr(readiness, "PATIENCE_S", 0.3)
    async with held_up() as statements:
        found = await asyncio.gather(*(ready(site) for _ in range(20)))
        assert {(status, body["database"]) for status, body in found} == {(503, "unreachable")}
        assert {body["migrations"] for _, body in found} == {"unknown"}
        assert await statements() <= 1
    await until(site, "ok")


@asynccontextmanager
async def held_up() -> AsyncGenerator[Callable[[], Awaitable[int]]]:
    """Nobody reads the table of migrations; how many statements wait for it?"""
    if not is_postgres():
        async with connection().acquire_connection():
            yield one
        return
    other = await databases.asyncpg.connect(
        f"{databases.POSTGRES}/{connection().database}".replace("postgres:", "postgresql:")
    )

    async def waiting() -> int:
        return await other.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database() AND query LIKE '%tortoise_migrations%'"
        )

    try:
        async with other.transaction():
            await other.execute("LOCK TABLE tortoise_migrations IN ACCESS EXCLUSIVE MODE")
            yield waiting
    finally:
        await other.close()


async def one() -> int:
    """SQLite has one connection."""
    return 1


async def test_degraded_while_redis_is_away(settings: Settings, redis: RedisServer) -> None:
    """Sockets stay, requests are answered."""
    async with serving(replace(settings, redis_url=redis.url)) as site:
        await until(site, "ok")
        anna = await site.sign_in("anna")
        async with anna.live() as socket:
            redis.kill()
            body = await until(site, "degraded")
            assert (body["hints"], body["database"]) == ("interrupted", "ok")
            assert (await ready(site))[0] == 200
            assert (await anna.run("{ viewer { name } }"))["viewer"]
            assert (await (await socket.subscribe("{ viewer { name } }")).next())["name"]
            redis.ready()
            await until(site, "ok")
            assert (await (await socket.subscribe("{ viewer { name } }")).next())["name"]


async def test_about_to_stop(built: list[Starlette], site: Site) -> None:
    """Requests and sockets are served until the end, and the end tells clients to come back."""
    departure: Departure = built[-1].state.departure
    anna = await site.sign_in("anna")
    async with anna.live() as socket:
        departure.begin()
        status, body = await ready(site)
        assert (status, body["status"], body["stopping"]) == (503, "unavailable", True)
        assert (await site.http.get("/health/live")).status_code == 200
        feed = await socket.subscribe("{ viewer { name } }")
        assert (await feed.next())["name"]
        departure.hang_up()
        assert await socket.closed() == CloseCode.RESTART


async def test_the_loop_is_late() -> None:
    lag = LoopLag()
    assert (lag.latest_s, lag.worst_s) == (0, 0)
    lag.start()
    await asyncio.sleep(0)
    time.sleep(1)  # noqa: ASYNC251
    for _ in range(600):
        if lag.worst_s:
            break
        await asyncio.sleep(0.01)
    await lag.stop()
    assert lag.worst_s >= lag.latest_s > 0
