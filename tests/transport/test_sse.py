"""GraphQL over Server-Sent Events: what is streamed, what is refused, what is left behind."""

import asyncio
from typing import Any

import pytest
from structlog.testing import LogCapture

from app.transport.close_codes import CloseCode
from app.transport.limits import Limits
from tests.support.events import Events, streamed
from tests.transport.server import Serve, Site, eventually, tracebacks


async def everything(events: Events) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    while (event := await events.next()) is not None:
        found.append((event.name, event.data))
    return found


async def test_a_subscription(site: Site) -> None:
    async with streamed(site.http, "/graphql", "subscription { count(to: 3) }") as events:
        assert events.response.status_code == 200
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert events.response.headers["cache-control"] == "no-store"
        assert await everything(events) == [
            *(("next", {"data": {"count": number}}) for number in range(3)),
            ("complete", None),
        ]


async def test_a_query_is_one_event(site: Site) -> None:
    async with streamed(site.http, "/graphql", "{ hello }", "good-1") as events:
        (first, answer), last = await everything(events)
    assert (first, last) == ("next", ("complete", None))
    assert answer["data"]["hello"]
    assert answer["extensions"]["cost"]["requested"] == 1


async def test_get_as_a_browser_does(site: Site) -> None:
    params = {"query": "subscription ($n: Int!) { count(to: $n) }", "variables": '{"n": 1}'}
    headers = {"Accept": "text/event-stream"}
    answer = await site.http.get("/graphql", params=params, headers=headers)
    assert 'data: {"data":{"count":0}}' in answer.text
    assert answer.text.endswith("event: complete\ndata:\n\n")


@pytest.mark.parametrize(
    ("query", "token", "status", "code"),
    [
        ("{", None, 400, "BAD_REQUEST"),
        ("subscription { count }", None, 400, "BAD_REQUEST"),
        ("subscription { ever }", "bad", 401, "UNAUTHENTICATED"),
    ],
)
async def test_what_cannot_be_streamed_is_refused_as_ever(
    site: Site, query: str, token: str | None, status: int, code: str
) -> None:
    async with streamed(site.http, "/graphql", query, token) as events:
        assert events.response.status_code == status
        await events.response.aread()
        assert events.response.json()["errors"][0]["extensions"]["code"] == code


async def test_a_refusal_of_the_source(site: Site) -> None:
    async with streamed(site.http, "/graphql", "subscription { refuses }") as events:
        (name, data), last = await everything(events)
    assert (name, data["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
    assert last == ("complete", None)


async def test_a_bug_is_no_end(site: Site, logs: LogCapture) -> None:
    """The client shall come back: the stream breaks off, without `complete`."""
    async with streamed(site.http, "/graphql", "subscription { breaks }") as events:
        assert await everything(events) == [("next", {"data": {"breaks": 1}})]
    assert tracebacks(logs)


@pytest.mark.parametrize("accept", ["text/event-stream;q=0", "*/*", "application/json"])
async def test_only_who_asks_gets_events(site: Site, accept: str) -> None:
    answer = await site.post("subscription { count(to: 1) }", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_who_leaves_leaves_nothing(site: Site, logs: LogCapture) -> None:
    for _ in range(10):
        async with streamed(site.http, "/graphql", "subscription { ever }") as events:
            assert (await events.next()) is not None
            assert site.world.open_sources == 1
        await eventually(lambda: site.world.open_sources == 0 and len(site.connections) == 0)
    assert not tracebacks(logs)


async def test_a_session_that_ends_ends_its_streams(site: Site) -> None:
    async with streamed(site.http, "/graphql", "subscription { ever }", "good-7") as events:
        await events.next()
        assert site.connections.sessions() == {7}
        site.connections.close_session(7, CloseCode.REVOKED)
        assert await events.next() is None


async def test_who_does_not_read_is_cut_off(serve: Serve, logs: LogCapture) -> None:
    site = await serve(Limits(queued_frames=8, stall_timeout=0.2))
    reader, writer = await asyncio.open_connection(*site.host.split(":"), limit=1024)
    body = b'{"query": "subscription { flood(size: 100000) }"}'
    head = (
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    await eventually(lambda: len(site.connections) == 1)
    await eventually(lambda: len(site.connections) == 0 and site.transports() == 0)
    writer.transport.abort()
    assert not tracebacks(logs)


URQL = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"


async def test_who_takes_json_too_gets_events_where_there_is_no_other_way(site: Site) -> None:
    headers = {"Accept": URQL}
    query = await site.post("{ hello }", headers=headers)
    assert query.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    feed = await site.post("subscription { count(to: 1) }", headers=headers)
    assert feed.headers["content-type"] == "text/event-stream; charset=utf-8"
