"""The bounded queue of a socket, and its slots."""

import asyncio

import pytest

from app.transport.outbox import Outbox, Overflow


async def drained(outbox: Outbox, count: int) -> list[bytes]:
    return [await outbox.take() for _ in range(count)]


async def test_frames_are_taken_in_order_as_they_come() -> None:
    outbox = Outbox(10, 100)
    taking = asyncio.create_task(drained(outbox, 3))
    await asyncio.sleep(0)
    for frame in (b"a", b"b", b"a"):
        outbox.put(frame)
    assert await taking == [b"a", b"b", b"a"]


async def test_of_a_state_only_the_newest_is_sent() -> None:
    outbox = Outbox(10, 100)
    for frame, slot in (
        (b"1", None),
        (b"old", "lock"),
        (b"2", None),
        (b"new", "lock"),
        (b"v", "v"),
    ):
        outbox.put(frame, slot)
    assert await drained(outbox, 4) == [b"1", b"2", b"new", b"v"]
    outbox.put(b"newer", "lock")
    assert await outbox.take() == b"newer"


async def test_too_many_frames_overflow() -> None:
    outbox = Outbox(2, 100)
    outbox.put(b"1")
    outbox.put(b"2", "slot")
    outbox.put(b"3", "slot")
    with pytest.raises(Overflow):
        outbox.put(b"4")
    await outbox.take()
    outbox.put(b"4")


async def test_too_many_bytes_overflow_but_one_frame_may_be_large() -> None:
    outbox = Outbox(10, 100)
    outbox.put(b"x" * 1_000)
    with pytest.raises(Overflow):
        outbox.put(b"y")
    await outbox.take()
    outbox.put(b"x" * 60, "slot")
    outbox.put(b"x" * 70, "slot")
    with pytest.raises(Overflow):
        outbox.put(b"y" * 31)
    outbox.put(b"y" * 30)
