"""Operations over graphql-transport-ws: results, errors, ids, costs."""

from typing import Any

import pytest
from structlog.testing import LogCapture

from app.transport.limits import Limits
from tests.transport.server import Serve, Site, eventually, tracebacks
from tests.transport.wire import introduced


async def test_queries_and_mutations_are_answered_with_their_cost(site: Site) -> None:
    site.world.go_on.set()
    async with introduced(site.host) as wire:
        assert await wire.ask(
            "q", "query ($n: String!) { hello(name: $n) }", variables={"n": "A"}
        ) == [
            {
                "id": "q",
                "type": "next",
                "payload": {
                    "data": {"hello": "Hello, A"},
                    "extensions": {"cost": {"requested": 1, "left": 99_999}},
                },
            },
            {"id": "q", "type": "complete"},
        ]
        [written, _] = await wire.ask("m", 'mutation { write(text: "x") }')
        assert written["payload"]["data"] == {"write": "x"}
        assert site.world.asks[-1].live


async def test_a_subscription_ends_with_complete(site: Site) -> None:
    async with introduced(site.host, token=None) as wire:
        frames = await wire.ask("1", "subscription { count(to: 3) }")
    assert [frame.get("payload") for frame in frames] == [
        {"data": {"count": 0}},
        {"data": {"count": 1}},
        {"data": {"count": 2}},
        None,
    ]


@pytest.mark.parametrize(
    ("query", "more", "code"),
    [
        ("{", {}, "BAD_REQUEST"),
        ("{ nothing }", {}, "BAD_REQUEST"),
        ("query A { hello } query B { hello }", {}, "BAD_REQUEST"),
        ("query ($n: String!) { hello(name: $n) }", {}, "BAD_REQUEST"),
        ("subscription ($n: Int!) { count(to: $n) }", {"variables": {"n": "x"}}, "BAD_REQUEST"),
        ("subscription { refuses }", {}, "UNAUTHENTICATED"),
        ("{" + "related {" * 7 + "subject" + "}" * 8, {}, "COST_EXCEEDED"),
    ],
)
async def test_a_request_error_is_an_error_message(
    site: Site, logs: LogCapture, query: str, more: dict[str, Any], code: str
) -> None:
    async with introduced(site.host) as wire:
        [frame] = await wire.ask("1", query, **more)
        assert (frame["type"], frame["id"]) == ("error", "1")
        assert frame["payload"][0]["extensions"]["code"] == code
        # The id is free again.
        assert (await wire.ask("1", "{ hello }"))[-1]["type"] == "complete"
    assert not tracebacks(logs)


async def test_an_error_while_executing_is_a_next_message(site: Site, logs: LogCapture) -> None:
    async with introduced(site.host) as wire:
        frames = await wire.ask("1", "subscription { tickets { subject broken } }")
    assert [frame["type"] for frame in frames] == ["next", "next", "complete"]
    [error] = frames[0]["payload"]["errors"]
    assert error["message"] == "Internal error"
    assert frames[0]["payload"]["data"] == {"tickets": {"subject": "Printer", "broken": None}}
    assert len(tracebacks(logs)) == 2


async def test_a_source_that_raises_is_never_a_normal_end(site: Site, logs: LogCapture) -> None:
    async with introduced(site.host) as wire:
        await wire.subscribe("1", "subscription { breaks }")
        assert (await wire.receive())["payload"] == {"data": {"breaks": 1}}
        assert await wire.closed() == (1012, "Service restart")
    [entry] = tracebacks(logs)
    assert entry["incident"]
    assert entry["request_id"]


async def test_an_id_in_use_is_4409(site: Site) -> None:
    async with introduced(site.host) as wire:
        await wire.subscribe("1", "subscription { ever }")
        await wire.subscribe("1", "subscription { ever }")
        assert await wire.closed() == (4409, "Subscriber for 1 already exists")
    async with introduced(site.host) as wire:
        long = "é" * 255
        await wire.subscribe(long, "subscription { ever }")
        await wire.subscribe(long, "subscription { ever }")
        code, reason = await wire.closed()
        assert (code, reason[:16]) == (4409, "Subscriber for é")


async def test_one_operation_too_many_is_refused_and_the_others_go_on(serve: Serve) -> None:
    site = await serve(Limits(operations=2))
    async with introduced(site.host) as wire:
        for id in "12":
            await wire.subscribe(id, "subscription { ever }")
            assert (await wire.receive())["type"] == "next"
        [frame] = await wire.ask("3", "{ hello }")
        assert frame["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        await wire.send({"type": "complete", "id": "1"})
        assert (await wire.ask("3", "{ hello }"))[-1]["type"] == "complete"
        assert site.world.open_sources == 1


async def test_complete_ends_an_operation_and_frees_its_id(site: Site) -> None:
    async with introduced(site.host) as wire:
        for _ in range(3):
            await wire.subscribe("1", "subscription { ever }")
            assert (await wire.receive())["type"] == "next"
            await wire.send({"type": "complete", "id": "1"})
        await wire.send({"type": "complete", "id": "unknown"})
        await wire.send({"type": "ping"})
        assert await wire.receive() == {"type": "pong"}
        await eventually(lambda: site.world.closed_sources == 3)


async def test_every_event_has_a_context_of_its_own(site: Site) -> None:
    async with introduced(site.host) as wire:
        await wire.ask("1", "subscription { contexts { subject } }")
        assert site.world.contexts == 3


async def test_bucket_and_cost_are_those_of_http(serve: Serve) -> None:
    site = await serve(Limits(bucket=10, refill=0.001))
    async with introduced(site.host) as wire:
        await wire.ask("1", "{ tickets(first: 4) { nodes { subject } } }")
        [frame] = await wire.ask("2", "{ tickets(first: 4) { nodes { subject } } }")
        error = frame["payload"][0]["extensions"]
        assert error["code"] == "RATE_LIMITED"
        assert error["retryAfter"] > 0
        response = await site.post(
            "{ tickets(first: 4) { nodes { subject } } }",
            headers={"Authorization": "Bearer good-1"},
        )
        assert response.headers["retry-after"] == str(error["retryAfter"])
