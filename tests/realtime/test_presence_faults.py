"""Viewers of several processes, over a Redis that is killed, frozen, emptied and lied to."""

import asyncio
import signal
from collections.abc import AsyncGenerator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from realtime.backends.redis_board import KEPT_MS
from tests.realtime.processes import (
    IDLE,
    VIEWING,
    Installation,
    Process,
    installation,
)
from tests.support.redis_server import RedisServer, until

ANNA, BRUNO = 7, 8
UNKNOWN = "viewers of other processes are not known"
KNOWN = "viewers of other processes are known"
BOTH = [(ANNA, VIEWING), (BRUNO, VIEWING)]


@pytest.fixture
async def desk(server: RedisServer) -> AsyncGenerator[Installation]:
    async with installation(server.url) as opened:
        yield opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats and sweeps come soon."""
    for name in ("BEAT_S", "SWEEP_HEALTHY_S", "TRUST_AFTER_S", "TICK_S"):
        monkeypatch.setattr(f"realtime.exchange.{name}", 0.2)


def of_viewers(logs: list[EventDict]) -> list[str]:
    assert not any(line.get("exc_info") for line in logs)
    return [line["event"] for line in logs if "viewers" in line["event"]]


async def both_here(desk: Installation) -> tuple[Process, Process]:
    one, two = await desk.process(1), await desk.process(1)
    one.presence.enter(1, ANNA, 70)
    two.presence.enter(1, BRUNO, 80)
    await until(lambda: sorted(one.sees()) == sorted(two.sees()) == BOTH)
    return one, two


async def test_redis_restarts_empty(server: RedisServer, desk: Installation) -> None:
    one, two = await both_here(desk)
    with capture_logs() as logs:
        server.kill()
        mine = one.presence.enter(1, ANNA, 71)
        await until(lambda: not one.presence.known and not two.presence.known)
        # Ours work, theirs are believed for a while, and what a query cannot know it leaves out.
        assert sorted(one.sees()) == sorted(two.sees()) == BOTH
        one.presence.set_state(1, BRUNO, 80, idle=True)
        assert await one.looks_up(1, 2) == [one.sees(), []]
        assert await one.presence.elsewhere(1, BRUNO) is None
        await one.presence.loaded(2)
        one.presence.leave(mine)
        server.start()
        away = [(ANNA, VIEWING), (BRUNO, IDLE)]
        await until(lambda: sorted(one.sees()) == sorted(two.sees()) == away)
        await until(lambda: server.say("ZCARD", "test:viewers:1") == ":3")
    assert one.presence.has_tab(1, ANNA)
    assert sorted(of_viewers(logs)) == sorted([UNKNOWN, KNOWN] * 2)


async def test_an_empty_redis_is_not_believed_at_once(
    server: RedisServer, desk: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that Anna has gone: her process may not have been able to say yet that she has not."""
    monkeypatch.setattr("realtime.exchange.TRUST_AFTER_S", 3600)
    _, two = await both_here(desk)
    server.kill()
    await until(lambda: not two.presence.known)
    server.start()
    await until(lambda: two.presence.known)
    assert await two.presence.elsewhere(1, 9) is None
    assert sorted(two.sees()) == BOTH


async def test_redis_freezes(server: RedisServer, desk: Installation) -> None:
    one, two = await both_here(desk)
    with capture_logs() as logs:
        server.signal(signal.SIGSTOP)
        one.presence.step_out(1, ANNA)
        assert one.sees() == [(BRUNO, VIEWING)]
        # Guards against hanging: nobody waits for long.
        assert await asyncio.wait_for(one.looks_up(2), 5) == [[]]
        await asyncio.wait_for(one.presence.loaded(2), 5)
        assert await asyncio.wait_for(one.presence.elsewhere(1, BRUNO), 5) is None
        await until(lambda: not one.presence.known)
        one.presence.enter(1, ANNA, 71)
        await asyncio.sleep(6)
        server.signal(signal.SIGCONT)
        await until(lambda: one.presence.known and two.presence.known)
        await until(lambda: sorted(one.sees()) == sorted(two.sees()) == BOTH)
        assert sorted(two.presence.viewers(1, None), key=lambda viewer: viewer.operator_id) == (
            sorted(one.presence.viewers(1, None), key=lambda viewer: viewer.operator_id)
        )
    told = of_viewers(logs)
    assert told.count(UNKNOWN) == told.count(KNOWN) <= 2


async def test_redis_comes_after_us(stopped: RedisServer) -> None:
    async with installation(stopped.url) as desk:
        with capture_logs() as logs:
            one, two = await desk.process(1), await desk.process(1)
            one.presence.enter(1, ANNA, 70)
            assert (one.sees(), two.sees()) == ([(ANNA, VIEWING)], [])
            assert await two.looks_up(1) == [[]]
            stopped.start()
            await until(lambda: two.sees() == [(ANNA, VIEWING)])
        assert of_viewers(logs) == [UNKNOWN] * 2 + [KNOWN] * 2


@pytest.mark.usefixtures("quick")
async def test_emptied_under_an_open_connection(server: RedisServer, desk: Installation) -> None:
    one, two = await both_here(desk)
    assert server.say("FLUSHALL") == "+OK"
    await until(lambda: server.say("ZCARD", "test:viewers:1") == ":2")
    await until(lambda: sorted(one.sees()) == sorted(two.sees()) == BOTH)


@pytest.mark.usefixtures("quick")
async def test_strangers_on_the_board(server: RedisServer, desk: Installation) -> None:
    one, two = await both_here(desk)
    ghost = f"tab:{one.presence.process}:99:9:90:5:5:open"
    for member in (ghost, "\xff\xfe", "tab:x:1", "nonsense"):
        assert server.say("ZADD", "test:viewers:1", "99999999999", member) == ":1"
    # What one never said it takes down again; what nobody understands is left alone.
    await until(lambda: server.say("ZCARD", "test:viewers:1") == ":5")
    await until(lambda: sorted(one.sees()) == sorted(two.sees()) == BOTH)
    assert one.presence.known


async def test_keys_go_by_themselves(server: RedisServer, desk: Installation) -> None:
    await both_here(desk)
    assert 0 < int(server.say("PTTL", "test:viewers:1")[1:]) <= KEPT_MS


async def test_installations_share_a_redis(server: RedisServer, desk: Installation) -> None:
    one = await desk.process(1)
    async with installation(server.url, "another") as neighbours:
        other = await neighbours.process(1)
        one.presence.enter(1, ANNA, 70)
        other.presence.enter(1, BRUNO, 80)
        await until(lambda: server.say("ZCARD", "another:viewers:1") == ":1")
        assert await one.looks_up(1) == [[(ANNA, VIEWING)]]
        assert await other.looks_up(1) == [[(BRUNO, VIEWING)]]


async def test_a_process_whose_clock_is_wrong(
    desk: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await desk.process(1)
    monkeypatch.setattr("time.time", lambda: 0.0)
    two = await desk.process(1)
    one.presence.enter(1, ANNA, 70)
    await until(lambda: two.sees() == [(ANNA, VIEWING)])
    two.presence.enter(1, BRUNO, 80)
    two.presence.set_state(1, ANNA, 70, idle=True)
    await until(lambda: one.sees() == [(ANNA, IDLE), (BRUNO, VIEWING)])
