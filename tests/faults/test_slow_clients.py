"""Clients that do not read, or hardly: they are closed, come back, and disturb nobody."""

import asyncio

from app.transport.close_codes import CloseCode
from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log
from tests.faults.resuming import Resuming
from tests.faults.slow_line import slow_line
from tests.faults.writer import Writer

LONG = "parola " * 4000
"""28 kB: some 40 of them are more than an outbox holds."""
SLOW = f'code="{int(CloseCode.SLOW)}"'
DROPPED = {CloseCode.SLOW, 1006}


async def flood(desk: Installation, id: str, slow: list[Resuming]) -> Writer:
    """Write until nobody can have all of it in buffers, and the slow ones were closed."""
    writer = Writer(desk.person("mario"), id, dice("flood"))
    await writer.posts_of(LONG, sized(600, 60))
    while not all(one.codes for one in slow):
        await writer.posts_of(LONG, 1)
    return writer


async def test_one_stops_reading(found: Found) -> None:
    desk = await found(2)
    id = await desk.ticket()
    others = await desk.watch(id, [*STAFF[:5], "mario", "anna"])
    slow = await desk.watch(id, [STAFF[5], STAFF[6], "mario"], narrow=True)
    await all_live([*others, *slow])
    for one in slow:
        one.hold()
        one.reading.clear()
    writing = asyncio.create_task(flood(desk, id, slow))
    # Who reads nothing does not notice the end: it is the server that knows.
    await _closed(desk, len(slow))
    for one in slow:
        one.reading.set()
        one.release()
    writer = await writing
    await assert_log(desk.seat, id, [*others, *slow], 1 + len(writer.written))
    assert not any(one.codes for one in others), "the others were disturbed"
    assert all(set(one.codes) <= DROPPED for one in slow)


async def _closed(desk: Installation, count: int) -> None:
    """Wait until so many were closed for being slow, by all servers together."""
    closed = 0.0
    while closed < count:
        await asyncio.sleep(0.2)
        numbers = [await server.metrics() for server in desk.servers]
        closed = sum(
            value
            for found in numbers
            for name, value in found.items()
            if name.startswith("connections_closed_total") and SLOW in name
        )


async def test_one_reads_a_kilobyte_a_second(found: Found) -> None:
    desk = await found(2)
    id = await desk.ticket()
    others = await desk.watch(id, [*STAFF[:5], "mario", "anna"])
    await all_live(others)
    async with slow_line(desk.servers[0].host, 1024) as line:
        slow = await desk.watch(id, [STAFF[5], "mario"], hosts=[line.host])
        await all_live(slow)
        writing = asyncio.create_task(flood(desk, id, slow))
        await _closed(desk, len(slow))
        line.widen()
        writer = await writing
        await all_live(slow)
        await assert_log(desk.seat, id, [*others, *slow], 1 + len(writer.written))
    assert not any(one.codes for one in others), "the others were disturbed"
    assert all(set(one.codes) <= DROPPED for one in slow)
