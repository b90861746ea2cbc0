"""The bucket in Redis: one level for all processes, by the clock of Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from realtime.redis_bucket import BucketAway, RedisBucket
from tests.support.redis_server import RedisServer, stopped_redis

SLOWLY = 0.000001
"""A rate at which nothing comes back while a test runs."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    for server in stopped_redis(Path(tmp_path_factory.mktemp("redis"))):
        yield server.ready()


@pytest.fixture
async def two(server: RedisServer) -> AsyncIterator[tuple[RedisBucket, RedisBucket]]:
    """The buckets of two processes."""
    server.say("FLUSHALL")
    one, other = RedisBucket(server.url), RedisBucket(server.url)
    yield one, other
    await one.close()
    await other.close()


async def test_processes_share_a_level(two: tuple[RedisBucket, RedisBucket]) -> None:
    one, other = two
    assert await one.take("a", 60, 100, SLOWLY) == (True, 40)
    assert await other.take("a", 60, 100, SLOWLY) == (False, 40)
    assert await other.take("a", 40, 100, SLOWLY) == (True, 0)
    assert await one.take("b", 100, 100, SLOWLY) == (True, 0)


async def test_nothing_is_taken_twice(two: tuple[RedisBucket, RedisBucket]) -> None:
    taken = await asyncio.gather(
        *(two[number % 2].take("a", 1, 50, SLOWLY) for number in range(120))
    )
    assert sum(took for took, _ in taken) == 50
    assert sorted(points for took, points in taken if took) == list(range(50))


async def test_whoever_is_cancelled_while_asking_is(
    two: tuple[RedisBucket, RedisBucket],
) -> None:
    """At whatever step: redis-py sends with a `wait_for` that, on Python 3.11, forgets it."""
    one, _ = two
    await one.take("a", 1, 100, SLOWLY)
    for steps in range(40):
        task = asyncio.create_task(one.take("a", 0, 100, SLOWLY))
        for _ in range(steps):
            await asyncio.sleep(0)
        if task.cancel():
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_points_come_back_by_the_clock_of_redis(
    two: tuple[RedisBucket, RedisBucket], server: RedisServer
) -> None:
    one, other = two
    assert await one.take("a", 1000, 1000, 1000) == (True, 0)
    kept = int(server.say("PTTL", "sportello:bucket:a").removeprefix(":"))
    assert 0 < kept <= 1000
    for _ in range(1000):
        taken, _ = await other.take("a", 10, 1000, 1000)
        if taken:
            break
        await asyncio.sleep(0.01)
    # A clock that was set back gives nothing and takes nothing.
    server.say("SET", "sportello:bucket:a", "7.000 99999999999999")
    assert await one.take("a", 2, 1000, SLOWLY) == (True, 5)


async def test_a_full_bucket_is_forgotten(
    two: tuple[RedisBucket, RedisBucket], server: RedisServer
) -> None:
    one, _ = two
    assert await one.take("a", 1, 100, 1000) == (True, 99)
    for _ in range(1000):
        if server.say("EXISTS", "sportello:bucket:a") == ":0":
            break
        await asyncio.sleep(0.01)
    assert await one.take("a", 0, 100, 1000) == (True, 100)


async def test_what_is_no_level_counts_as_full(
    two: tuple[RedisBucket, RedisBucket], server: RedisServer
) -> None:
    server.say("SET", "sportello:bucket:a", "rubbish")
    assert await two[0].take("a", 1, 100, SLOWLY) == (True, 99)
    server.say("DEL", "sportello:bucket:a")
    server.say("LPUSH", "sportello:bucket:a", "x")
    with pytest.raises(BucketAway, match="WRONGTYPE"):
        await two[0].take("a", 1, 100, SLOWLY)


async def test_installations_share_a_redis(
    two: tuple[RedisBucket, RedisBucket], server: RedisServer
) -> None:
    another = RedisBucket(server.url, prefix="another")
    assert await two[0].take("a", 100, 100, SLOWLY) == (True, 0)
    assert await another.take("a", 100, 100, SLOWLY) == (True, 0)
    await another.close()


async def test_who_is_cancelled_while_asking_is_cancelled(
    two: tuple[RedisBucket, RedisBucket],
) -> None:
    """Whenever it comes: `asyncio.wait_for` of Python 3.11 swallows some of them."""
    one, _ = two
    await one.take("a", 1, 1000, SLOWLY)
    for turns in range(40):
        task = asyncio.create_task(one.take("a", 1, 1000, SLOWLY))
        for _ in range(turns):
            await asyncio.sleep(0)
        if task.cancel():
            await asyncio.wait([task])
            assert task.cancelled(), f"not after {turns} turns of the loop"
