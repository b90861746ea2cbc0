"""graphql-transport-ws with raw frames: handshake, messages, close codes."""

import asyncio
from typing import Any

import pytest
from structlog.testing import LogCapture
from websockets.exceptions import InvalidStatus

from app.transport.close_codes import CloseCode
from app.transport.limits import Limits
from tests.transport.server import Serve, Site, eventually, tracebacks
from tests.transport.wire import introduced, wired


@pytest.mark.parametrize("subprotocol", [None, "graphql-ws", "nonsense"])
async def test_another_subprotocol_is_4406(site: Site, subprotocol: str | None) -> None:
    async with wired(site.host, subprotocol=subprotocol) as wire:
        assert await wire.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize(
    "init",
    [
        {"type": "connection_init"},
        {"type": "connection_init", "payload": None},
        {"type": "connection_init", "payload": {}},
        {"type": "connection_init", "payload": {"Authorization": "Bearer good-1"}},
        {"type": "connection_init", "payload": {"authorization": "bearer good-1"}, "more": 1},
    ],
)
async def test_an_introduction_is_acknowledged(site: Site, init: object) -> None:
    async with wired(site.host) as wire:
        await wire.send(init)
        assert await wire.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("value", ["Bearer bad", "good-1", "", "Bearer ", "Basic good-1", 5, None])
async def test_a_bad_credential_is_4401(site: Site, logs: LogCapture, value: object) -> None:
    async with wired(site.host) as wire:
        await wire.send({"type": "connection_init", "payload": {"authorization": value}})
        assert await wire.closed() == (4401, "Unauthorized")
    assert not tracebacks(logs)


async def test_a_second_introduction_is_4429(site: Site) -> None:
    async with introduced(site.host) as wire:
        await wire.send({"type": "connection_init"})
        assert await wire.closed() == (4429, "Too many initialisation requests")


async def test_no_introduction_is_4408(serve: Serve) -> None:
    site = await serve(Limits(init_timeout=0.05))
    async with wired(site.host) as wire:
        assert await wire.closed() == (4408, "Connection initialisation timeout")


async def test_an_introduced_socket_has_no_timeout(serve: Serve) -> None:
    site = await serve(Limits(init_timeout=0.05))
    async with introduced(site.host) as wire:
        await asyncio.sleep(0.1)
        assert (await wire.ask("1", "{ hello }"))[-1]["type"] == "complete"


async def test_subscribing_before_the_acknowledgement_is_4401(site: Site) -> None:
    async with wired(site.host) as wire:
        await wire.subscribe("1", "{ hello }")
        assert await wire.closed() == (4401, "Unauthorized")


SUBSCRIBE: dict[str, Any] = {"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}}
MALFORMED: list[tuple[object, str]] = [
    ("[]", "The frame must be a JSON object"),
    ("1", "The frame must be a JSON object"),
    ("null", "The frame must be a JSON object"),
    ('"x"', "The frame must be a JSON object"),
    ("", "The frame is not JSON"),
    ("{", "The frame is not JSON"),
    ("[" * 10_000, "The frame is not JSON"),
    ('{"type": "ping", "payload": NaN}', "The frame is not JSON"),
    (b"{}", "Binary frames are not supported"),
    (b'{"type": "ping"}', "Binary frames are not supported"),
    ({}, '"type" must be a string'),
    ({"type": None}, '"type" must be a string'),
    ({"type": ["ping"]}, '"type" must be a string'),
    ({"type": "start"}, "The message type is unknown"),
    ({"type": "connection_ack"}, "The message type is unknown"),
    ({"type": "connection_init", "payload": []}, '"payload" must be an object'),
    ({"type": "connection_init", "payload": "x"}, '"payload" must be an object'),
    ({"type": "ping", "payload": 1}, '"payload" must be an object'),
    ({"type": "pong", "payload": "x"}, '"payload" must be an object'),
    (SUBSCRIBE | {"id": None}, '"id" must be a string that is not empty'),
    (SUBSCRIBE | {"id": 1}, '"id" must be a string that is not empty'),
    (SUBSCRIBE | {"id": ""}, '"id" must be a string that is not empty'),
    (SUBSCRIBE | {"id": {}}, '"id" must be a string that is not empty'),
    (SUBSCRIBE | {"id": "x" * 256}, '"id" is too long'),
    (SUBSCRIBE | {"payload": None}, '"payload" must be an object'),
    (SUBSCRIBE | {"payload": []}, '"payload" must be an object'),
    (SUBSCRIBE | {"payload": "{ hello }"}, '"payload" must be an object'),
    (SUBSCRIBE | {"payload": {}}, '"query" must be a string.'),
    (SUBSCRIBE | {"payload": {"query": 1}}, '"query" must be a string.'),
    (
        SUBSCRIBE | {"payload": {"query": "{ hello }", "variables": []}},
        '"variables" must be an object or null.',
    ),
    (
        SUBSCRIBE | {"payload": {"query": "{ hello }", "operationName": 1}},
        '"operationName" must be a string or null.',
    ),
    ({"type": "complete"}, '"id" must be a string that is not empty'),
    ({"type": "complete", "id": 1}, '"id" must be a string that is not empty'),
]


@pytest.mark.parametrize("acknowledged", [True, False])
async def test_malformed_frames_are_4400_and_disturb_nobody(
    site: Site, logs: LogCapture, caplog: pytest.LogCaptureFixture, acknowledged: bool
) -> None:
    async with introduced(site.host) as neighbour:
        await neighbour.subscribe("n", "subscription { ever }")
        assert (await neighbour.receive())["type"] == "next"
        for frame, reason in MALFORMED:
            async with wired(site.host) as wire:
                if acknowledged:
                    await wire.init()
                await wire.send(frame)
                assert await wire.closed() == (4400, reason), frame
        await neighbour.send({"type": "ping"})
        assert await neighbour.receive() == {"type": "pong"}
    assert not tracebacks(logs)
    assert not [record for record in caplog.records if record.exc_info]


async def test_text_that_is_not_utf_8_is_1007_without_a_traceback(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with introduced(site.host) as wire:
        await wire.socket.send(b'{"type": "ping", "payload": "\xff"}', text=True)
        assert (await wire.closed())[0] == 1007
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_message_of_the_largest_body_fits_and_a_larger_one_is_1009(site: Site) -> None:
    async with introduced(site.host) as wire:
        filler = {"filler": "x" * 1024 * 1024}
        assert (await wire.ask("1", "{ hello }", extensions=filler))[0]["type"] == "next"
        await wire.send({"type": "ping", "payload": {"filler": "x" * 1_200_000}})
        assert (await wire.closed())[0] == 1009


async def test_pings_are_answered_with_their_payload(site: Site) -> None:
    async with wired(site.host) as wire:
        await wire.send({"type": "ping", "payload": {"a": 1}})
        assert await wire.receive() == {"type": "pong", "payload": {"a": 1}}
        await wire.send({"type": "pong", "payload": {"a": 1}})
        await wire.send({"type": "pong"})
        await wire.send({"type": "ping"})
        assert await wire.receive() == {"type": "pong"}


async def test_sessions_are_closed_by_their_id(site: Site) -> None:
    async with (
        introduced(site.host, "good-1") as first,
        introduced(site.host, "good-1") as second,
        introduced(site.host, "good-2") as other,
        introduced(site.host, None),
    ):
        assert site.connections.sessions() == {1, 2}
        assert len(site.connections) == 4
        site.connections.close_session(1)
        assert await first.closed() == await second.closed() == (4403, "Forbidden")
        assert (await other.ask("1", "{ viewer }"))[0]["payload"]["data"] == {"viewer": "good-2"}
        site.connections.close_all()
        assert await other.closed() == (1012, "Service restart")
    await eventually(lambda: len(site.connections) == 0)


async def test_origins_and_cookies(serve: Serve) -> None:
    cookie = {"Cookie": "__Host-toy=good-1"}
    listed, foreign = "https://app.example", "https://evil.example"
    desk = await serve(origins=frozenset({listed}))
    client = await serve(origins=frozenset({listed}), any_origin=True)
    own = f"http://{desk.host}"
    for origin in (own, listed):
        async with introduced(desk.host, None, origin=origin, headers=cookie) as wire:
            [frame, _] = await wire.ask("1", "{ viewer }")
            assert frame["payload"]["data"] == {"viewer": "good-1"}
    with pytest.raises(InvalidStatus) as refused:
        async with wired(desk.host, origin=foreign):
            pass
    assert refused.value.response.status_code == 403
    async with wired(desk.host, headers=cookie) as wire:
        await wire.send({"type": "connection_init"})
        assert (await wire.closed())[0] == 4401
    async with wired(client.host, origin=foreign, headers=cookie) as wire:
        await wire.send({"type": "connection_init"})
        assert (await wire.closed())[0] == 4401
    async with introduced(client.host, "good-2", origin=foreign, headers=cookie) as wire:
        [frame, _] = await wire.ask("1", "{ viewer }")
        assert frame["payload"]["data"] == {"viewer": "good-2"}


async def test_a_restart_is_1012(serve: Serve) -> None:
    assert CloseCode.RESTART.reason == "Service restart"
    site = await serve()
    async with introduced(site.host) as wire:
        await wire.subscribe("1", "subscription { ever }")
        await wire.receive()
        await site.stop()
        assert (await wire.closed())[0] == 1012
    assert site.world.open_sources == 0
