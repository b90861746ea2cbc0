"""Tokens all the way into a real Dovecot, and what becomes of a provider or a host that is not."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from actions import mail_hosts
from actions.keys import ring
from mail import hosts
from mail.hosts import HostRefused
from mail.keeper import MailKeeper
from mail.outbox import OutboxWorker
from models.mail_enums import MailAuth, MailboxState, MailDirection, MailKind, OutboundState
from models.mailboxes import Mailbox, MailServer
from models.mails import InboundMail, OutboundMail
from resolvers.ids import encode
from tests.app.program import free_port
from tests.mail import boxes
from tests.mail.dovecot import Dovecot, dovecot
from tests.mail.smtp_server import smtp_server
from tests.mail.stage import mailbox
from tests.mail.test_outbox import notice
from tests.mail.test_probe_imap import TESTED, failed
from tests.mail.token_server import token_server
from tests.support.site import Site

PATIENCE_S, POLL_S = 40, 0.05
USER = "oauth@example.test"
GOOD = "ya29.access-1"
AWAY = "http://127.0.0.1:1/token"
MAIL = b"From: a@b.example\nSubject: by token\nMessage-ID: <1@b>\n\nwords"


@asynccontextmanager
async def introspection(port: int) -> AsyncGenerator[None]:
    """Says whose a token is: of the good one alone."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        while (await reader.readline()).strip():
            pass
        known = GOOD.encode() in line
        content = json.dumps({"email": USER} if known else {"error": "invalid_token"}).encode()
        writer.write(
            b"HTTP/1.1 %d Said\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (200 if known else 401, len(content), content)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


INTROSPECTION = [0]
"""Its port: Dovecot is told before the loop of the first test runs."""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    INTROSPECTION[0] = free_port()
    url = f"http://127.0.0.1:{INTROSPECTION[0]}/?token="
    with dovecot([USER], token_url=url) as running:
        yield running


async def consented(token_url: str, imap_port: int) -> Mailbox:
    """A mailbox with a grant, and a token that has run out."""
    box = await boxes.mailbox(
        USER, imap_port=imap_port, oauth_provider="google", oauth_client_id="me",
        oauth_token_url=token_url, oauth_refresh_token=ring().encrypt("refresh-0"),
        oauth_expires_at=datetime.now(UTC),
    )  # fmt: skip
    await MailServer.filter(mailbox_id=box.id).update(auth=MailAuth.OAUTH2, secret="")
    return box


async def tried(site: Site, box: Mailbox) -> dict[str, Any]:
    admin = await site.sign_in("admin")
    id = encode("Mailbox", box.id)
    return await admin.do("mailboxTestConnection", TESTED, mailboxId=id, direction="IN")


async def incoming() -> MailServer:
    return await MailServer.get(direction=MailDirection.IN)


async def in_trouble() -> bool:
    return (await incoming()).state is not MailboxState.OK


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; whoever waits has a limit."""
    while True:
        if await condition():
            return
        await asyncio.sleep(POLL_S)


@asynccontextmanager
async def keeping() -> AsyncGenerator[None]:
    """While the block runs, mailboxes are read."""
    keeper = MailKeeper(lambda: None)
    keeper.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield
    finally:
        await keeper.stop()


async def test_a_token_opens_a_real_mailbox(site: Site, server: Dovecot) -> None:
    async with introspection(INTROSPECTION[0]), token_server() as provider:
        box = await consented(provider.url, server.port)
        answer = await tried(site, box)
        assert answer["ok"], answer
        server.put(USER, [MAIL])
        async with keeping():
            await until(InboundMail.exists)
        assert {one.subject for one in await InboundMail.all()} == {"by token"}, "of both databases"
        assert (await incoming()).state is MailboxState.OK
        assert len(provider.asked) == 1, "one refresh for both"


async def test_a_token_that_is_refused(site: Site, server: Dovecot) -> None:
    async with introspection(INTROSPECTION[0]), token_server() as provider:
        provider.answer = {"access_token": "another", "expires_in": 3600}
        box = await consented(provider.url, server.port)
        stage, detail, advice = failed(await tried(site, box))
        assert (stage, "AUTHENTICATIONFAILED" in detail) == ("AUTH", True)
        assert "mailboxOAuthBegin" in advice


async def test_a_provider_that_is_away_is_waited_for(site: Site, server: Dovecot) -> None:
    box = await consented(AWAY, server.port)
    stage, detail, _ = failed(await tried(site, box))
    assert (stage, "cannot be reached" in detail) == ("AUTH", True)
    async with keeping():
        await until(in_trouble)
    found = await incoming()
    assert (found.state, found.retry_at is not None) == (MailboxState.UNREACHABLE, True)
    assert "cannot be reached" in found.error
    assert (await Mailbox.get(id=box.id)).oauth_refresh_token


@pytest.mark.usefixtures("database")
async def test_the_queue_waits_for_a_provider() -> None:
    async with smtp_server() as relay:
        await mailbox(
            port=relay.port, oauth_token_url=AWAY, oauth_client_id="me",
            oauth_refresh_token=ring().encrypt("refresh-0"),
        )  # fmt: skip
        await MailServer.all().update(auth=MailAuth.OAUTH2)
        (mail,) = await notice()
        await OutboxWorker(timeout_s=1.0, content_timeout_s=1.0).once()
        assert (await OutboundMail.get(id=mail.id)).state is OutboundState.QUEUED
        assert (await MailServer.get()).state is MailboxState.UNREACHABLE
        assert relay.connections == 0


@pytest.mark.usefixtures("database")
async def test_a_refused_host_is_not_connected_to(server: Dovecot) -> None:
    async with smtp_server() as relay:
        await mailbox(port=relay.port)
        (mail,) = await notice()
        await boxes.mailbox(USER, imap_port=server.port)
        mail_hosts.use(private=False)
        try:
            with pytest.raises(HostRefused):
                await hosts.addresses("localhost", 25)
            await OutboxWorker(timeout_s=1.0, content_timeout_s=1.0).once()
            async with keeping():
                await until(in_trouble)
        finally:
            mail_hosts.use(private=True)
        assert relay.connections == 0
        for one in await MailServer.all():
            assert one.state is MailboxState.UNREACHABLE
            assert "SPORTELLO_MAIL_PRIVATE_HOSTS" in one.error
        assert (await OutboundMail.get(id=mail.id)).state is OutboundState.QUEUED


@pytest.mark.usefixtures("database")
async def test_an_alert_goes_out_by_the_mailbox_that_works(server: Dovecot) -> None:
    """A wrong password, met by the keeper, ends as a mail to the administrator."""
    async with smtp_server() as relay:
        works = await mailbox(port=relay.port)
        broken = await boxes.mailbox(USER, imap_port=server.port)
        wrong = ring().encrypt("wrong")
        await MailServer.filter(mailbox_id=broken.id).update(secret=wrong)
        async with keeping():
            await until(in_trouble)
        assert (await incoming()).state is MailboxState.BLOCKED
        alert = await OutboundMail.get(kind=MailKind.MAILBOX_ALERT)
        assert alert.mailbox_id == works.id
        await OutboxWorker(timeout_s=1.0, content_timeout_s=1.0).once()
        sent = await OutboundMail.get(id=alert.id)
        assert (sent.state, sent.recipient) == (OutboundState.SENT, "admin@demo.test")
        assert USER in (sent.text or "")
        assert "AUTHENTICATIONFAILED" in (sent.text or "")
