"""Mail goes to the very address that was checked, under the name that was given."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions import mail_hosts
from mail import smtp
from mail.credentials import Password
from mail.hosts import socket_to
from mail.outcomes import Outcome, Sent, Stage, Unreachable
from mail.smtp import Where
from models.mail_enums import MailboxState, MailSecurity
from models.mailboxes import MailServer
from tests.mail.sending import QUEUED, replied, server_row, state, worker
from tests.mail.smtp_server import Server, certificate, smtp_server

HOST = "mail.customer.example"


class Resolver:
    """Answers of one name, one after the other; the last goes on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int, **_: object) -> list[object]:
        assert host == HOST
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


@pytest.fixture
def only_public() -> Iterator[None]:
    """Private addresses are refused."""
    mail_hosts.use(private=False)
    yield
    mail_hosts.use(private=True)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> Resolver:
    resolver = Resolver(*answers)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolver)
    return resolver


async def sent(server: Server, **more: object) -> Outcome:
    options = {"security": MailSecurity.NONE, "timeout_s": 1.0, **more}
    where = Where(HOST, server.port, **options)  # type: ignore[arg-type]
    return await smtp.send(where, Password("", ""), "a@demo.test", ["b@demo.test"], b"x\r\n")


async def test_a_name_that_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a second look-up would say (DNS rebinding) nobody hears."""
    async with smtp_server() as server:
        resolver = resolving(monkeypatch, ["127.0.0.9"], ["127.0.0.1"])
        done = await sent(server)
        assert isinstance(done, Unreachable)
        assert done.stage is Stage.CONNECT
        assert (resolver.asked, server.connections) == (1, 0)


@pytest.mark.usefixtures("only_public")
async def test_an_address_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with smtp_server() as server:
        resolving(monkeypatch, ["127.0.0.1"])
        assert await sent(server) == Unreachable(None, mail_hosts.PRIVATE, Stage.CONNECT)
        assert server.connections == 0


async def test_the_next_address_when_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with smtp_server() as server:
        resolving(monkeypatch, ["127.0.0.9", "127.0.0.1"])
        assert isinstance(await sent(server), Sent)


@pytest.mark.parametrize("implicit", [True, False])
async def test_the_certificate_is_that_of_the_name(
    implicit: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of the address alone here: which is not what was asked for."""
    ours, theirs = certificate(tmp_path)
    security = MailSecurity.TLS if implicit else MailSecurity.STARTTLS
    async with smtp_server(context=ours, implicit=implicit) as server:
        resolving(monkeypatch, ["127.0.0.1"])
        done = await sent(server, security=security, context=theirs)
        assert isinstance(done, Unreachable)
        assert done.stage is Stage.TLS
        assert HOST in done.text
        theirs.check_hostname = False
        assert isinstance(await sent(server, security=security, context=theirs), Sent)


async def test_who_does_not_answer_in_time() -> None:
    """A server whose queue of connections is full."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port: int = full.getsockname()[1]
        with (
            socket.create_connection(("127.0.0.1", port)),
            pytest.raises(TimeoutError, match="does not answer"),
        ):
            await socket_to(["127.0.0.1"], port, 0.2)


@pytest.mark.usefixtures("database", "only_public")
async def test_the_mailbox_says_which_address_is_refused() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await MailServer.all().update(host="127.0.0.1")
        await worker().once()
        row = await server_row()
        assert (row.state, row.error) == (
            MailboxState.UNREACHABLE,
            f"connect: {mail_hosts.PRIVATE}",
        )
        assert (await state(mail), server.connections) == (QUEUED, 0)
