"""The broker within one process, and what it takes for a hint."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from realtime.backends.base import PENDING
from realtime.broker import Broker, Hint


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    """A broker that is not started yet, and stops with the test."""
    it = Broker("memory://")
    yield it
    await it.stop()


async def turns(count: int = 20) -> None:
    """Let everything that is ready run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_hints_come_back_in_the_order_of_their_ticket(broker: Broker) -> None:
    heard: list[Hint] = []
    broker.listen(heard.append)
    await broker.start()
    hints: list[Hint] = [{"ticket": 5, "number": n, "revision": n} for n in range(200)]
    for hint in hints:
        await broker.publish(hint)
    await turns(1000)
    assert heard == hints
    assert broker.healthy
    assert (broker.counts.published, broker.counts.received) == (200, 200)


async def test_hints_of_every_shape_reach_every_listener(broker: Broker) -> None:
    first: list[Hint] = []
    second: list[Hint] = []
    broker.listen(first.append)
    broker.listen(second.append)
    await broker.start()
    hints: list[Hint] = [
        {"ticket": 2**63 - 1, "operator": 3},
        {"ticket": -1},
        {"ticket": "none"},
        {"rights": 1},
        {"session": 12, "text": "può"},
    ]
    for hint in hints:
        await broker.publish(hint)
    await turns()
    assert len(first) == len(hints)
    assert all(hint in first for hint in hints)
    assert second == first


async def test_the_start_is_a_gap(broker: Broker) -> None:
    gaps: list[None] = []
    broker.on_gap(lambda: gaps.append(None))
    await broker.start()
    await turns()
    assert gaps == [None]


async def test_more_than_may_wait_is_a_gap_and_the_newest_stay(broker: Broker) -> None:
    heard: list[Hint] = []
    gaps: list[None] = []
    broker.listen(heard.append)
    broker.on_gap(lambda: gaps.append(None))
    await broker.start()
    await turns()
    for number in range(PENDING + 10):
        await broker.publish({"ticket": 1, "number": number})
    await turns(2 * PENDING)
    assert len(gaps) == 2
    assert broker.counts.dropped == 10
    assert [hint["number"] for hint in heard] == list(range(10, PENDING + 10))


async def test_a_listener_that_fails_disturbs_nobody(broker: Broker) -> None:
    def failing(*_: Hint) -> None:
        raise LookupError("mine")

    heard: list[Hint] = []
    gaps: list[None] = []
    broker.listen(failing)
    broker.listen(heard.append)
    broker.on_gap(failing)
    broker.on_gap(lambda: gaps.append(None))
    with capture_logs() as logs:
        await broker.start()
        for number in range(2):
            await broker.publish({"ticket": 1, "number": number})
        await turns()
    assert len(heard) == 2
    assert gaps == [None]
    assert [line["log_level"] for line in logs] == ["error"] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"ticket": 2**63},
        {"ticket": 2**70},
        {"ticket": None},
        {"ticket": True},
        {"ticket": object()},
        {"text": "x" * 2000},
        {"text": "\ud800"},
        {1: 1},
    ],
    ids=lambda wrong: ascii(wrong)[:12],
)
async def test_to_publish_what_is_no_hint_is_logged_and_does_not_raise(
    broker: Broker, wrong: dict[Any, Any]
) -> None:
    heard: list[Hint] = []
    broker.listen(heard.append)
    await broker.start()
    with capture_logs() as logs:
        await broker.publish(cast("Hint", wrong))
    await turns()
    assert [line["event"] for line in logs] == ["not a hint"]
    assert heard == []


async def test_nothing_is_left_behind() -> None:
    before = asyncio.all_tasks()
    broker = Broker("memory://")
    await broker.stop()
    await broker.publish({"ticket": 1})
    await broker.start()
    await broker.publish({"ticket": 1})
    await broker.stop()
    await broker.stop()
    await broker.publish({"ticket": 1})
    assert asyncio.all_tasks() == before


GARBAGE = {
    "nothing": "",
    "no JSON": "{",
    "broken text": '{"a":"\udcff"}',
    "no object": "[1]",
    "null": "null",
    "an empty one": "{}",
    "a list": '{"ticket":[1]}',
    "a fraction": '{"ticket":1.5}',
    "a truth": '{"ticket":true}',
    "65 bits": '{"ticket":18446744073709551616}',
    "64 bits": '{"ticket":9223372036854775808}',
    "1,000 digits": '{"ticket":' + "9" * 1000 + "}",
    "deep": "[" * 1000,
    "long": '{"text":"' + "x" * 100_000 + '"}',
    "NaN": '{"ticket":NaN}',
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_counted_and_ignored(broker: Broker, text: str) -> None:
    heard: list[Hint] = []
    broker.listen(heard.append)
    await broker.start()
    await broker._bus.publish("sportello:hints:03", text)
    await broker._bus.publish("sportello:hints:03", '{"ticket":3}')
    await turns()
    assert heard == [{"ticket": 3}]
    assert broker.counts.garbage == 1


@pytest.mark.parametrize("url", ["", "localhost", "kafka://x", "redis://x:port"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Broker(url)
