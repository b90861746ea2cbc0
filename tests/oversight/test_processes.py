"""Several programs on one database: who may run beside whom, and how one leaves."""

import signal
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.transport.close_codes import CloseCode
from tests.app.program import Program, complaint, free_port
from tests.support.redis_server import RedisServer

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


def processes(program: Program) -> str:
    """What `check` says of them."""
    lines = program.run("check").out.splitlines()
    return next(line for line in lines if "processes:" in line)


def test_without_redis_one_runs(desks: list[Program]) -> None:
    one, two, three = desks
    with one.started("serve") as server:
        server.says(RUNNING)
        for command in ("serve", "worker"):
            said = complaint(two.run(command))
            assert len(said.splitlines()) == 1
            assert "without Redis only one may: set SPORTELLO_REDIS_URL" in said
        with_redis = three.set(redis_url=f"redis://127.0.0.1:{free_port()}")
        said = complaint(with_redis.run("serve"))
        assert "A process without Redis runs on this database" in said
        assert processes(two) == "ok     processes: one runs, without Redis"
        assert processes(with_redis).startswith("wrong  processes: one runs, without Redis: A pro")
        assert ready(one)[0] == 200
        # Killed, it can say nothing to anybody; the next begins at once.
        server.process.kill()
        with two.started("serve") as next_server:
            next_server.says(RUNNING)


def test_with_redis_several_run(desks: list[Program], redis: RedisServer) -> None:
    """Two of them at one port, which the kernel shares out."""
    port = free_port()
    one, two, third = [desk.set(redis_url=redis.url, port=port) for desk in desks]
    alone = desks[2]
    with one.started("serve") as first, two.started("serve") as second:
        first.says(RUNNING)
        second.says(RUNNING)
        with third.started("worker") as worker:
            worker.says("The worker is running.")
            for command in ("serve", "worker"):
                said = complaint(alone.run(command))
                assert said == (
                    "Other processes run on this database and tell each other of changes through "
                    "Redis: set SPORTELLO_REDIS_URL to theirs."
                )
            assert processes(alone).startswith("wrong  processes: running, with Redis: Other")
            assert processes(third) == "ok     processes: running, with Redis"
            assert worker.stop(signal.SIGTERM).code == 0
        # One leaves: who was connected to it comes back, to the other.
        sockets = [socket_to(one) for _ in range(20)]
        assert first.stop(signal.SIGTERM).code == 0
        codes = [code for socket in sockets if (code := closed(socket)) is not None]
        assert 0 < len(codes) < 20
        assert set(codes) == {CloseCode.RESTART}
        for _ in range(10):
            assert ready(two)[0] == 200
        done = second.stop(signal.SIGTERM)
    assert "Traceback" not in done.err + first.err


def closed(socket: ClientConnection) -> int | None:
    """The close code; None for a socket that is still open, which is dropped."""
    try:
        socket.recv(timeout=0.1)
    except TimeoutError:
        socket.socket.close()
        return None
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else 0
    raise AssertionError("nobody asked for anything")


def test_it_drains(desks: list[Program]) -> None:
    """Told to leave, it says so to the proxy and serves until the proxy has heard."""
    desk = desks[0].set(drain_s=5)
    with desk.started("serve") as server, socket_to(desk) as socket:
        server.says(RUNNING)
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


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_told_again_it_does_not_wait(desks: list[Program], again: signal.Signals) -> None:
    desk = desks[0].set(drain_s=300)
    with desk.started("serve") as server:
        server.says(RUNNING)
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: "leaving" in server.err)
        assert server.stop(again).code == 0


def test_control_c_does_not_drain(desks: list[Program]) -> None:
    desk = desks[0].set(drain_s=300)
    with desk.started("serve") as server:
        server.says(RUNNING)
        assert server.stop(signal.SIGINT).code == 0
