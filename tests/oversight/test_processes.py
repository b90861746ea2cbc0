"""Several programs on one database: who may run beside whom, and how one leaves."""

import asyncio
import signal
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.claims import claim_on
from app.settings import Settings
from app.transport.close_codes import CloseCode
from tests.app.program import Program, complaint, free_port
from tests.support.redis_server import RedisServer

pytestmark = pytest.mark.timeout(300)
"""Programs take their time to start on a machine that has much to do."""
RUNNING = "Sportello is running."


def port_of(program: Program) -> str:
    return dict(program.settings)["PORT"]


def asked(program: Program, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{port_of(program)}{path}", trust_env=False, timeout=30)


def ready(program: Program) -> tuple[int, dict[str, Any]]:
    answer = asked(program, "/health/ready")
    return answer.status_code, answer.json()


def socket_to(program: Program) -> ClientConnection:
    return connect(
        f"ws://127.0.0.1:{port_of(program)}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        proxy=None,
    )


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def test_without_redis_one_runs(desks: list[Program]) -> None:
    one, two, _ = desks
    with one.started("serve") as server:
        server.says(RUNNING)
        said = complaint(two.run("serve"))
        assert len(said.splitlines()) == 1
        assert "without Redis only one may: set SPORTELLO_REDIS_URL" in said
        # Killed, it can say nothing to anybody; the next begins at once.
        server.process.kill()
        with two.started("serve") as following:
            following.says(RUNNING)


@on_postgres
def test_a_worker_claims_too(desks: list[Program]) -> None:
    one, two, _ = desks
    with one.started("worker") as worker:
        worker.says("The worker is running.")
        assert "without Redis only one may" in complaint(two.run("worker"))
        two = two.set(redis_url=f"redis://127.0.0.1:{free_port()}")
        assert "A process without Redis runs on this database" in complaint(two.run("serve"))


@pytest.mark.usefixtures("database")
async def test_check_tells(settings: Settings, desks: list[Program]) -> None:
    """Of what runs, and whether this one may join it."""
    desk = desks[0]
    joining = desk.set(redis_url="redis://127.0.0.1:6379")
    alone = claim_on(settings)
    await alone.take()
    assert await processes(desk) == "ok     processes: one runs, without Redis"
    assert (await processes(joining)).startswith("wrong  processes: one runs, without Redis: A pro")
    await alone.release()
    shared = claim_on(replace(settings, redis_url="redis://anywhere"))
    await shared.take()
    assert await processes(joining) == "ok     processes: running, with Redis"
    assert (await processes(desk)).startswith("wrong  processes: running, with Redis: Other")
    await shared.release()


async def processes(program: Program) -> str:
    """What `check` says of them."""
    done = await asyncio.to_thread(program.run, "check")
    return next(line for line in done.out.splitlines() if "processes:" in line)


@on_postgres
def test_several_at_one_port(desks: list[Program], redis: RedisServer) -> None:
    """The kernel shares out the connections; when one leaves, its clients find the other."""
    port = free_port()
    one, two, _ = [desk.set(redis_url=redis.url, port=port) for desk in desks]
    with (
        one.started("serve") as first,
        two.started("serve") as second,
        ExitStack() as connected,
    ):
        first.says(RUNNING)
        second.says(RUNNING)
        sockets = [connected.enter_context(socket_to(one)) for _ in range(20)]
        assert first.stop(signal.SIGTERM).code == 0
        codes = [code for socket in sockets if (code := closed(socket)) is not None]
        assert 0 < len(codes) < 20
        assert set(codes) == {CloseCode.RESTART}
        for _ in range(10):
            assert ready(two)[0] == 200
        done = second.stop(signal.SIGTERM)
    assert "Traceback" not in done.err + first.err


def closed(socket: ClientConnection) -> int | None:
    """The close code; None for a socket that is still open, which is cut off."""
    try:
        socket.recv(timeout=0.1)
    except TimeoutError:
        socket.socket.close()
        return None
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0
    raise AssertionError("nobody asked for anything")


@on_sqlite
def test_it_drains(desks: list[Program]) -> None:
    """Told to leave, it says so to the proxy and serves until the proxy has heard."""
    desk = desks[0].set(drain_s=5)
    with desk.started("serve") as server, ExitStack() as sockets:
        server.says(RUNNING)
        socket = sockets.enter_context(socket_to(desk))
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: ready(desk)[0] == 503)
        status, body = ready(desk)
        assert (status, body["status"], body["stopping"]) == (503, "unavailable", True)
        assert asked(desk, "/health/live").status_code == 200
        answer = httpx.post(
            f"http://127.0.0.1:{port_of(desk)}/graphql",
            json={"query": "{ viewer { name } }"},
            trust_env=False,
        )
        assert answer.json()["data"] == {"viewer": None}
        socket.send('{"type": "connection_init"}')
        assert "4401" not in str(socket.recv())
        with pytest.raises(ConnectionClosed) as end:
            socket.recv(timeout=30)
        assert server.process.wait(30) == 0
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == CloseCode.RESTART
    assert server.err.count("leaving") == 1
    assert "Traceback" not in server.err


@on_sqlite
@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_told_again_it_does_not_wait(desks: list[Program], again: signal.Signals) -> None:
    desk = desks[0].set(drain_s=300)
    with desk.started("serve") as server:
        server.says(RUNNING)
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: "leaving" in server.err)
        assert server.stop(again).code == 0


@on_sqlite
def test_control_c_does_not_drain(desks: list[Program]) -> None:
    desk = desks[0].set(drain_s=300)
    with desk.started("serve") as server:
        server.says(RUNNING)
        assert server.stop(signal.SIGINT).code == 0
