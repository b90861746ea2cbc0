"""What is left behind: nothing, whatever a client does."""

import asyncio
import socket

from structlog.testing import LogCapture

from app.transport.close_codes import CloseCode
from app.transport.limits import Limits
from tests.transport.server import Serve, Site, eventually, tracebacks
from tests.transport.wire import introduced, wired


async def test_a_disconnect_closes_the_sources(site: Site, logs: LogCapture) -> None:
    for _ in range(20):
        async with introduced(site.host) as wire:
            for id in "123":
                await wire.subscribe(id, "subscription { ever }")
            await wire.receive()
            wire.socket.transport.abort()
    await eventually(lambda: site.world.open_sources == 0 and len(site.connections) == 0)
    assert site.world.closed_sources >= 20
    assert not tracebacks(logs)


async def test_a_disconnect_during_a_mutation(site: Site, logs: LogCapture) -> None:
    for _ in range(10):
        async with introduced(site.host) as wire:
            await wire.subscribe("1", 'mutation { write(text: "x") }')
            await site.world.started.wait()
            site.world.started.clear()
            wire.socket.transport.abort()
    await eventually(lambda: len(site.connections) == 0)
    assert (await site.post("{ hello }")).json()["data"]
    assert not tracebacks(logs)


async def test_a_client_that_leaves_does_not_stop_a_mutation(site: Site, logs: LogCapture) -> None:
    for number in range(5):
        reader, writer = await asyncio.open_connection(*site.host.split(":"))
        body = b'{"query": "mutation { write(text: \\"%d\\") }"}' % number
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await site.world.started.wait()
        site.world.started.clear()
        writer.transport.abort()
        assert not await reader.read()
    site.world.go_on.set()
    await eventually(lambda: len(site.world.written) == 5)
    assert not tracebacks(logs)


async def test_a_client_that_leaves_while_sending_is_forgotten(
    site: Site, logs: LogCapture
) -> None:
    _, writer = await asyncio.open_connection(*site.host.split(":"))
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.transport.abort()
    assert (await site.post("{ hello }")).status_code == 200
    assert not tracebacks(logs)


QUERIES = [
    "subscription { ever }",
    "subscription { count(to: 3) }",
    "subscription { refuses }",
    "{ hello }",
    "{",
]


async def test_cycles_cancelled_anywhere_leave_no_task(site: Site, logs: LogCapture) -> None:
    """500 sockets of 20 operations: 10,000 cycles of subscribe, complete and disconnect."""
    tasks = len(asyncio.all_tasks())

    async def visit(seed: int) -> None:
        async with introduced(site.host) as wire:
            for number in range(seed, seed + 20):
                await wire.subscribe(str(number), QUERIES[number % len(QUERIES)])
                for _ in range(number % 7):
                    await asyncio.sleep(0)
                if number % 3:
                    await wire.send({"type": "complete", "id": str(number)})
            if seed % 2:
                wire.socket.transport.abort()

    for batch in range(25):
        await asyncio.gather(*(visit(batch + seed) for seed in range(20)))
    await eventually(lambda: len(site.connections) == 0 and site.world.open_sources == 0)
    await eventually(lambda: len(asyncio.all_tasks()) <= tasks)
    assert not tracebacks(logs)


def stuck_client(host: str) -> socket.socket:
    """A client that subscribes to a flood and never reads, with a small buffer."""
    name, port = host.split(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((name, int(port)))
    client.sendall(
        f"GET /graphql HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):  # frames sent before the handshake is over are lost
        answer += client.recv(1)
    return client


def text(frame: str) -> bytes:
    """A masked text frame; the mask is zero, so the payload stays readable."""
    data = frame.encode()
    assert len(data) < 126
    return bytes([0x81, 0x80 | len(data)]) + bytes(4) + data


async def flooded(site: Site, query: str) -> socket.socket:
    client = await asyncio.to_thread(stuck_client, site.host)
    client.sendall(text('{"type": "connection_init"}'))
    client.sendall(text(f'{{"type":"subscribe","id":"1","payload":{{"query":"{query}"}}}}'))
    return client


async def test_a_client_that_stops_reading_overflows_and_is_aborted(
    serve: Serve, logs: LogCapture
) -> None:
    site = await serve()
    with await flooded(site, "subscription { flood(size: 9000) }"):
        async with introduced(site.host) as neighbour:
            await eventually(lambda: closings(logs) == [1013])
            assert (await neighbour.ask("1", "{ hello }"))[-1]["type"] == "complete"
        await eventually(lambda: site.transports() == 0)
    assert not tracebacks(logs)


async def test_a_client_that_takes_nothing_is_aborted(serve: Serve, logs: LogCapture) -> None:
    site = await serve(Limits(stall_timeout=0.2, queued_frames=10**9, queued_bytes=10**9))
    with await flooded(site, "subscription { flood(size: 99000, pause: 0.001) }"):
        await eventually(lambda: closings(logs) == [1013])
        await eventually(lambda: site.transports() == 0)
    assert not tracebacks(logs)


async def test_a_stuck_client_is_aborted_whatever_it_is_closed_for(
    serve: Serve, logs: LogCapture
) -> None:
    site = await serve(Limits(queued_frames=10**9, queued_bytes=10**9))
    with await flooded(site, "subscription { flood(size: 99000, pause: 0.001) }"):
        await eventually(lambda: site.world.contexts > 100)
        site.connections.close_all(CloseCode.REVOKED)
        await eventually(lambda: site.transports() == 0)
    assert closings(logs) == [4403]
    assert not tracebacks(logs)


async def test_a_client_that_answers_no_ping_is_aborted(serve: Serve, logs: LogCapture) -> None:
    """Nothing is pending here but the ping itself, so neither queue nor pump would notice."""
    site = await serve(config={"ping_interval": 0.05, "ping_timeout": 0.05})
    with await asyncio.to_thread(stuck_client, site.host):
        await eventually(lambda: site.transports() == 0)
        await eventually(lambda: len(site.connections) == 0)
    assert closings(logs) == []


async def test_a_client_that_reads_slowly_but_reads_stays(serve: Serve) -> None:
    site = await serve()
    async with wired(site.host, max_queue=1) as wire:
        await wire.init()
        await wire.subscribe("1", "subscription { flood(size: 1000, pause: 0.001) }")
        for _ in range(50):
            assert (await wire.receive())["type"] == "next"
            await asyncio.sleep(0.002)
        # A close frame would be read after all that still waits in the queue of one.
        wire.socket.transport.abort()


def closings(logs: LogCapture) -> list[int]:
    return [entry["code"] for entry in logs.entries if entry["event"] == "websocket closed"]
