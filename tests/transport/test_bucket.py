"""The leaky bucket in memory, on a clock of its own."""

from app.transport.bucket import Dry, Left, MemoryBucket


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_points_are_taken_and_come_back() -> None:
    clock = Clock()
    bucket = MemoryBucket(clock)
    assert await bucket.take("a", 60, 100, 10) == Left(40)
    assert await bucket.take("a", 60, 100, 10) == Dry(2.0)
    assert await bucket.take("b", 100, 100, 10) == Left(0)
    clock.now = 2
    assert await bucket.take("a", 60, 100, 10) == Left(0)
    clock.now = 1_000
    assert await bucket.take("a", 1, 100, 10) == Left(99)


async def test_a_full_bucket_is_forgotten() -> None:
    clock = Clock()
    bucket = MemoryBucket(clock)
    await bucket.take("a", 10, 100, 10)
    await bucket.take("b", 100, 100, 10)
    assert len(bucket) == 2
    clock.now = 1
    await bucket.take("c", 1, 100, 10)
    assert len(bucket) == 2
    assert await bucket.take("b", 0, 100, 10) == Left(10)


async def test_there_are_never_too_many() -> None:
    bucket = MemoryBucket(Clock(), max_buckets=3)
    for number in range(10):
        await bucket.take(str(number), 50, 100, 10)
    assert len(bucket) == 3
    assert await bucket.take("9", 0, 100, 10) == Left(50)
    assert await bucket.take("0", 0, 100, 10) == Left(100)
