"""The shared bucket while Redis comes, freezes, dies and comes back."""

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.transport.bucket import Dry, Left
from app.transport.shared_bucket import PAUSE_S, SharedBucket
from realtime.redis_bucket import RedisBucket
from tests.support.redis_server import RedisServer, stopped_redis

SLOWLY = 0.000001
ALONE, TOGETHER = "costs are counted by each process for itself", "costs are counted together again"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[RedisServer]:
    yield from stopped_redis(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def bucket(stopped: RedisServer, clock: Clock) -> AsyncIterator[SharedBucket]:
    redis = RedisBucket(stopped.url)
    yield SharedBucket(redis, clock)
    await redis.close()


async def test_redis_has_the_levels(
    stopped: RedisServer, bucket: SharedBucket, clock: Clock
) -> None:
    stopped.ready()
    another = RedisBucket(stopped.url)
    assert await another.take("a", 60, 100, 10) == (True, 40)
    taken = await bucket.take("a", 100, 100, 10)
    assert isinstance(taken, Dry)
    assert 0 < taken.retry_after <= 6
    await another.close()


@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "dead"])
async def test_it_goes_on_alone_and_comes_back(
    stopped: RedisServer, bucket: SharedBucket, clock: Clock, fault: signal.Signals
) -> None:
    stopped.ready()
    with capture_logs() as logs:
        assert await bucket.take("a", 10, 100, SLOWLY) == Left(90)
        stopped.signal(fault)
        for left in (80, 60, 40, 20, 0):
            # Its own level, which was full when it had to begin.
            assert await bucket.take("a", 20, 100, SLOWLY) == Left(left)
        assert isinstance(await bucket.take("a", 20, 100, SLOWLY), Dry)
        assert bucket.away
        # Tried again after a while, and not before; a failure again is no news.
        clock.now += PAUSE_S
        assert isinstance(await bucket.take("a", 20, 100, SLOWLY), Dry)
        if fault is signal.SIGSTOP:
            stopped.signal(signal.SIGCONT)
        else:
            stopped.kill()
            stopped.ready()
        assert isinstance(await bucket.take("a", 20, 100, SLOWLY), Dry)
        clock.now += PAUSE_S
        taken = await bucket.take("a", 20, 100, SLOWLY)
        assert isinstance(taken, Left)
        assert not bucket.away
    assert [line["event"] for line in logs] == [ALONE, TOGETHER]


async def test_redis_was_never_there(bucket: SharedBucket) -> None:
    with capture_logs() as logs:
        assert await bucket.take("a", 20, 100, SLOWLY) == Left(80)
        assert await bucket.take("a", 20, 100, SLOWLY) == Left(60)
    assert [line["event"] for line in logs] == [ALONE]
