"""The broker between processes, over a Redis that is restarted, frozen and lied to."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from realtime.backends.base import PENDING
from realtime.backends.redis import RedisBackend
from realtime.broker import Broker, Hint
from tests.support.redis_server import RedisServer, stopped_redis

HANG_S = 20  # Longer than anything takes.
OUTAGE, RECOVERY = "hints do not flow", "hints flow again"


class Station(Broker):
    """A broker as one process has it, with what it heard."""

    def __init__(self, url: str, prefix: str = "test") -> None:
        super().__init__(url, prefix)
        self.heard: list[Hint] = []
        self.listen(self.heard.append)


Opened = Callable[..., Awaitable[Station]]


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[RedisServer]:
    yield from stopped_redis(tmp_path)


@pytest.fixture
def server(stopped: RedisServer) -> RedisServer:
    return stopped.ready()


@pytest.fixture
async def opened(stopped: RedisServer) -> AsyncIterator[Opened]:
    """Start a station; it stops with the test, and leaves no task and no open connection."""
    stations: list[Station] = []

    async def start(prefix: str = "test") -> Station:
        stations.append(Station(stopped.url, prefix))
        await stations[-1].start()
        return stations[-1]

    yield start
    await asyncio.wait_for(asyncio.gather(*(station.stop() for station in stations)), HANG_S)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    stations.clear()
    gc.collect()


async def until(true: Callable[[], bool]) -> None:
    """Wait for what will be true soon."""
    for _ in range(HANG_S * 100):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never became true")


async def settled(*stations: Station) -> None:
    """Hints flow: what is said now is heard by all."""
    await until(lambda: all(station.healthy for station in stations))
    for station in stations:
        hint: Hint = {"settled": id(station), "after": len(station.heard)}
        await station.publish(hint)
        await until(lambda hint=hint: all(hint in one.heard for one in stations))


async def test_two_hear_each_other_and_themselves(server: RedisServer, opened: Opened) -> None:
    one, other = await opened(), await opened()
    assert one.healthy
    assert other.healthy
    for number in range(500):
        await one.publish({"ticket": 5, "number": number, "revision": number})
        await other.publish({"ticket": 6, "number": number})
    await until(lambda: len(one.heard) == len(other.heard) == 1000)
    for station in (one, other):
        for ticket in (5, 6):
            numbers = [hint["number"] for hint in station.heard if hint["ticket"] == ticket]
            assert numbers == list(range(500))
        assert (station.counts.outages, station.counts.gaps) == (0, 1)


async def test_200_begin_at_once(server: RedisServer, opened: Opened) -> None:
    stations = await asyncio.gather(*(opened() for _ in range(200)))
    await until(lambda: all(station.healthy for station in stations))
    gaps = {station: station.counts.gaps for station in stations}
    await asyncio.gather(*(s.publish({"ticket": n}) for n, s in enumerate(stations[::10])))
    # 200 on one loop may overtax a busy machine; then there is a gap, and the promise is kept.
    await until(
        lambda: all(len(one.heard) == 20 or one.counts.gaps > gaps[one] for one in stations)
    )


async def test_installations_share_a_redis(server: RedisServer, opened: Opened) -> None:
    one = await opened()
    await one.publish({"rights": 1})
    # Alone, it hears its first hint: broadcaster's own backend waits for a second subscriber.
    await until(lambda: bool(one.heard))
    other = await opened("another")
    await other.publish({"rights": 2})
    await until(lambda: bool(other.heard))
    assert (one.heard, other.heard) == ([{"rights": 1}], [{"rights": 2}])


async def test_redis_restarts_empty(server: RedisServer, opened: Opened) -> None:
    one, other = await opened(), await opened()
    with capture_logs() as logs:
        server.kill()
        await one.publish({"ticket": 1})
        await until(lambda: not one.healthy and not other.healthy)
        gaps = [one.counts.gaps, other.counts.gaps]
        await asyncio.sleep(0.4)
        server.start()
        await settled(one, other)
    # What was published meanwhile came, or went unheard before the subscription: hence the gap.
    assert one.counts.gaps > gaps[0]
    assert other.counts.gaps > gaps[1]
    assert (
        sorted(line["event"] for line in logs)
        == ["hints do not flow"] * 2 + ["hints flow again"] * 2
    )


async def test_redis_comes_after_us(stopped: RedisServer, opened: Opened) -> None:
    with capture_logs() as logs:
        one = await opened()
        assert not one.healthy
        await one.publish({"ticket": 1})
        await asyncio.sleep(1)
        stopped.start()
        await settled(one)
    # The start of the outage, and its end: the hint may have been sent before we could hear it.
    assert one.counts.gaps == 2
    assert [line["event"] for line in logs] == [OUTAGE, RECOVERY]
    assert one.counts.failures > 1


async def test_redis_freezes(server: RedisServer, opened: Opened) -> None:
    one, other = await opened(), await opened()
    with capture_logs() as logs:
        server.signal(signal.SIGSTOP)
        for number in range(700):
            # A guard against hanging: publishing takes no time, frozen or not.
            await asyncio.wait_for(one.publish({"ticket": 1, "number": number}), 1)
            await asyncio.sleep(0.01)
        assert not one.healthy
        assert not other.healthy
        gaps = [one.counts.gaps, other.counts.gaps]
        server.signal(signal.SIGCONT)
        await settled(one, other)
        await until(lambda: one.counts.published == 701)
    # All of them in the end; heard, or followed by a gap.
    assert one.counts.dropped == 0
    assert one.counts.gaps > gaps[0]
    assert other.counts.gaps > gaps[1]
    assert (
        sorted(line["event"] for line in logs)
        == ["hints do not flow"] * 2 + ["hints flow again"] * 2
    )


async def test_the_listening_connection_is_killed(server: RedisServer, opened: Opened) -> None:
    one, other = await opened(), await opened()
    for _ in range(3):
        outages, gaps = one.counts.outages, one.counts.gaps
        assert server.say("CLIENT", "KILL", "TYPE", "pubsub") == ":2"
        await until(lambda before=outages: one.counts.outages > before)
        await settled(one, other)
        # One as it breaks, one when it is in force again: between them anything may be missed.
        assert one.counts.gaps == gaps + 2


async def test_what_is_dropped_is_told_to_all(server: RedisServer, opened: Opened) -> None:
    one, other = await opened(), await opened()
    server.say("ACL", "SETUSER", "default", "-publish")
    for number in range(PENDING + 500):
        await one.publish({"ticket": 1, "number": number})
        if number % 100 == 0:
            await asyncio.sleep(0)
    await until(lambda: not one.healthy and not other.healthy)
    assert one.counts.dropped
    await asyncio.sleep(0.01)
    gaps = other.counts.gaps
    server.say("ACL", "SETUSER", "default", "+publish")
    await settled(one, other)
    assert len(other.heard) < PENDING + 500
    await until(lambda: other.counts.gaps > gaps)


async def test_garbage_is_counted_and_ignored(server: RedisServer, opened: Opened) -> None:
    one = await opened()
    assert isinstance(one._backend, RedisBackend)
    garbage = ["", "{", "\xff\xfe", '{"a":"\xff"}', "lost ", "[" * 100_000]
    for text in garbage:
        assert server.say("PUBLISH", "test:hints:03", text) == ":1"
        assert server.say("PUBLISH", one._backend._beat, text) == ":1"
    server.say("PUBLISH", "test:hints:03", '{"ticket":3}')
    await until(lambda: bool(one.heard))
    assert one.heard == [{"ticket": 3}]
    assert one.counts.garbage == len(garbage)
    assert (one.counts.outages, one.counts.gaps) == (0, 1)


async def test_a_flood_waits_in_the_socket(server: RedisServer, opened: Opened) -> None:
    one = await opened()
    (queue,) = one._bus._subscribers["test:hints:01"]
    waiting: list[int] = []
    one.listen(lambda _: waiting.append(queue.qsize()))
    flood = "for n = 1, 20000 do redis.call('publish', 'test:hints:01', '{\"number\":'..n..'}') end"
    server.say("EVAL", flood, "0")
    await until(lambda: len(one.heard) == 20_000)
    assert [hint["number"] for hint in one.heard] == list(range(1, 20_001))
    assert max(waiting) <= 1


async def test_the_last_hints_go_out_before_the_stop(server: RedisServer, opened: Opened) -> None:
    other = await opened()
    leaving = Station(server.url)
    await leaving.start()
    for number in range(1000):
        await leaving.publish({"ticket": 1, "number": number})
    await leaving.stop()
    await until(lambda: len(other.heard) == 1000)


@pytest.mark.parametrize("state", [signal.SIGSTOP, signal.SIGKILL], ids=["frozen", "dead"])
async def test_to_stop_leaves_nothing(
    server: RedisServer, opened: Opened, state: signal.Signals
) -> None:
    for wait_s in (0.0, 0.05, 3.5):
        station = await opened()
        server.signal(state)
        await station.publish({"ticket": 1})
        await asyncio.sleep(wait_s)
        await asyncio.wait_for(station.stop(), HANG_S)
        if state is signal.SIGSTOP:
            server.signal(signal.SIGCONT)
