"""`sportello serve`: what it says when it cannot, and how it ends when told to."""

import signal
import socket

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app.transport.close_codes import CloseCode
from tests.app.program import KEY, Program, complaint, free_port


def test_a_port_that_is_taken(sqlite_desk: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        for arguments in (["serve"], ["serve", "--development"]):
            said = complaint(sqlite_desk.set(port=port).run(*arguments))
            assert f"Port {port} on 127.0.0.1 cannot be used" in said
            assert "SPORTELLO_PORT" in said
            assert len(said.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["serve"], ["serve", "--development"]])
def test_a_database_that_is_not_there(program: Program, arguments: list[str]) -> None:
    url = f"postgres://root:hidden@127.0.0.1:{free_port()}/desk"
    said = complaint(program.set(database_url=url, port=free_port()).run(*arguments))
    assert len(said.splitlines()) == 1
    assert "cannot be reached" in said
    assert "SPORTELLO_DATABASE_URL" in said
    assert "hidden" not in said


def test_production(sqlite_desk: Program) -> None:
    production = sqlite_desk.set(env="production", port=free_port())
    assert "SPORTELLO_SECRET_KEY is required in production" in complaint(production.run("serve"))
    said = complaint(production.set(secret_key=KEY).run("serve", "--development"))
    assert "--development is refused in production" in said


def test_files_that_cannot_be_kept(sqlite_desk: Program) -> None:
    (sqlite_desk.folder / "a-file").touch()
    said = complaint(sqlite_desk.set(files_url="a-file/files").run("serve"))
    assert "SPORTELLO_FILES_URL a-file/files" in said


def test_a_secret_that_cannot_be_kept(sqlite_desk: Program) -> None:
    (sqlite_desk.folder / "var").touch()
    said = complaint(sqlite_desk.set(files_url="files", port=free_port()).run("serve"))
    assert "SPORTELLO_SECRET_KEY is not set, nor can one be kept" in said


def test_an_ordinary_day(desk: Program) -> None:
    """In production: no demo logins, no explorer; ends when told to, without a word."""
    port = free_port()
    with desk.set(env="production", secret_key=KEY, port=port).started("serve") as server:
        server.says("Sportello is running.")
        answer = httpx.post(
            f"http://127.0.0.1:{port}/graphql",
            json={"query": "{ viewer { name } }"},
            trust_env=False,
        )
        assert answer.json()["data"] == {"viewer": None}
        page = httpx.get(
            f"http://127.0.0.1:{port}/graphql", headers={"Accept": "text/html"}, trust_env=False
        )
        assert "<html" not in page.text
        with connect(
            f"ws://127.0.0.1:{port}/graphql",
            subprotocols=[Subprotocol("graphql-transport-ws")],
            proxy=None,
        ) as socket:
            done = server.stop(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.RESTART
    assert done.code == 0
    assert "Traceback" not in done.err
    assert f"http://127.0.0.1:{port}/client/graphql" in done.out
    assert "explorer" not in done.out
    assert "logins" not in done.out
    assert not (desk.folder / "var" / "secret-key").exists()
