"""`serve --development`, which is `make run`: from nothing to a desk that answers, and again."""

import signal
from typing import Any

import httpx
import pytest

from app.demo.logins import LOGINS, OPEN_SESAME
from models.people import Operator
from models.tickets import Ticket
from realtime.reachable import why_unreachable
from tests.app.program import Done, Program, Running, free_port, within
from tests.conftest import missing
from tests.support import databases

REDIS = "redis://127.0.0.1:6379"
SIGN_IN = """
    mutation ($email: String!, $password: String!) {
        signIn(input: {email: $email, password: $password}) { ... on SignedIn { token } }
    }"""
TICKETS = "{ tickets(first: 1) { totalCount edges { node { subject } } } }"


@pytest.fixture
def several(postgres_url: str) -> dict[str, str]:
    """Settings of a desk on PostgreSQL, with Redis."""

    async def look() -> None:
        why = await why_unreachable(REDIS)
        if why:
            missing(f"no Redis at {REDIS}: {why}")

    databases.in_a_loop_of_its_own(look())
    return {"database_url": postgres_url, "redis_url": REDIS}


def _ask(url: str, query: str, token: str | None = None, **variables: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(
        url,
        json={"query": query, "variables": variables},
        headers=headers,
        timeout=60,
        trust_env=False,
    )
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


def _tickets(url: str, email: str) -> int:
    """How many tickets somebody with a demo login sees."""
    signed_in = _ask(url, SIGN_IN, email=email, password=OPEN_SESAME)["signIn"]
    return _ask(url, TICKETS, signed_in["token"])["tickets"]["totalCount"]


def _both_answer(server: Running, port: int) -> None:
    server.says("Ctrl+C ends it.")
    here = f"http://127.0.0.1:{port}"
    anna = _tickets(f"{here}/graphql", "anna@demo.test")
    admin = _tickets(f"{here}/graphql", "admin@demo.test")
    assert admin > anna > 0
    assert 0 < _tickets(f"{here}/client/graphql", "mario.rossi@demo.test") < anna
    page = httpx.get(f"{here}/graphql", headers={"Accept": "text/html"}, trust_env=False)
    assert "<html" in page.text


def _ended_well(done: Done) -> None:
    assert done.code == 0, done
    assert "Traceback" not in done.err
    assert "error" not in done.err


async def _rows() -> tuple[int, int]:
    return await Operator.all().count(), await Ticket.all().count()


def _twice(desk: Program, port: int, url: str) -> tuple[Done, Done]:
    with desk.started("serve", "--development") as server:
        _both_answer(server, port)
        first = server.stop(signal.SIGINT)
    before = within(url, _rows)
    with desk.started("serve", "--development") as server:
        _both_answer(server, port)
        second = server.stop(signal.SIGINT)
    assert within(url, _rows) == before
    for done in (first, second):
        _ended_well(done)
        assert f"http://127.0.0.1:{port}/graphql" in done.out
        assert f"http://127.0.0.1:{port}/client/graphql" in done.out
        assert "explorer" in done.out
        assert OPEN_SESAME in done.out
        assert all(one.email in done.out for one in LOGINS)
    assert "loading demo data" in first.out
    assert "loading demo data" not in second.out
    return first, second


def test_from_nothing(program: Program) -> None:
    """SQLite, a folder and one process."""
    port = free_port()
    url = f"sqlite://{program.folder}/var/sportello.sqlite3"
    first, _ = _twice(program.set(port=port), port, url)
    assert "worker" not in first.out
    assert {one.name for one in program.folder.iterdir()} == {"var", "out.txt", "err.txt"}


def test_on_postgresql_with_redis(program: Program, several: dict[str, str]) -> None:
    """The same, and the worker is a process of its own."""
    port = free_port()
    desk = program.set(**several, port=port)
    first, _ = _twice(desk, port, several["database_url"])
    assert "run `sportello worker` too" in first.out
    assert not list((program.folder / "var").glob("*.sqlite3"))
    with desk.started("worker") as worker:
        worker.says("The worker is running.")
        _ended_well(worker.stop(signal.SIGTERM))


def test_interrupted_while_it_loads(program: Program) -> None:
    """All of the demo data or nothing: the next start loads it."""
    desk = program.set(port=free_port())
    with desk.started("serve", "--development") as server:
        server.says("loading demo data")
        done = server.stop(signal.SIGINT)
    assert done.code == 130
    assert "Traceback" not in done.err
    url = f"sqlite://{program.folder}/var/sportello.sqlite3"
    assert within(url, _rows) == (0, 0)
