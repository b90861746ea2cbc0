"""Access tokens that a mail server does not take, though they hold: withdrawn, or not enough."""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from actions.keys import ring
from mail.credentials import Bearer
from mail.oauth import credential
from models.mail_enums import MailAuth, MailboxState, MailDirection, MailKind
from models.mailboxes import Mailbox, MailServer
from models.mails import InboundMail, OutboundMail
from tests.app.program import free_port
from tests.mail import boxes
from tests.mail.dovecot import Dovecot, dovecot
from tests.mail.sending import QUEUED, SENT, notice, state, worker
from tests.mail.smtp_server import Script, Server, smtp_server
from tests.mail.stage import mailbox
from tests.mail.test_oauth_servers import (
    GOOD,
    INTROSPECTION,
    MAIL,
    USER,
    in_trouble,
    incoming,
    introspection,
    keeping,
    until,
)
from tests.mail.token_server import GOOGLE_DEAD, TokenServer, token_server

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def provider() -> AsyncGenerator[TokenServer]:
    async with token_server() as server:
        yield server


@pytest.fixture
async def relay() -> AsyncGenerator[Server]:
    async with smtp_server(Script(offer_auth=True, token=GOOD)) as server:
        yield server


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    INTROSPECTION[0] = free_port()
    with dovecot([USER], token_url=f"http://127.0.0.1:{INTROSPECTION[0]}/?token=") as running:
        yield running


async def consented(box: Mailbox, provider: TokenServer) -> None:
    """With a token that says of itself that it is good for an hour nearly."""
    await Mailbox.filter(id=box.id).update(
        oauth_provider="google", oauth_client_id="me", oauth_token_url=provider.url,
        oauth_refresh_token=ring().encrypt("refresh-0"),
        oauth_access_token=ring().encrypt("access-0"),
        oauth_expires_at=datetime.now(UTC) + timedelta(minutes=50),
    )  # fmt: skip
    await MailServer.filter(mailbox_id=box.id).update(auth=MailAuth.OAUTH2)


async def sent_by(relay: Server, provider: TokenServer) -> tuple[OutboundMail, MailServer]:
    """A mail that was tried, and the server as it is after that."""
    box = await mailbox(port=relay.port)
    await consented(box, provider)
    (mail,) = await notice()
    await worker().once()
    return mail, await MailServer.get(mailbox_id=box.id)


async def test_a_withdrawn_token_is_renewed_at_once(relay: Server, provider: TokenServer) -> None:
    mail, server = await sent_by(relay, provider)
    assert relay.tokens == ["access-0", GOOD]
    assert await state(mail) is SENT
    assert server.state is MailboxState.OK
    assert len(provider.asked) == 1
    box = await Mailbox.get()
    assert ring().decrypt(box.oauth_access_token) == GOOD


async def test_a_new_token_refused_as_well_blocks(relay: Server, provider: TokenServer) -> None:
    relay.script.token = "of another account"
    mail, server = await sent_by(relay, provider)
    assert relay.tokens == ["access-0", GOOD]
    assert await state(mail) is QUEUED
    assert server.state is MailboxState.BLOCKED
    assert len(provider.asked) == 1


async def test_a_refused_token_of_a_dead_grant(relay: Server, provider: TokenServer) -> None:
    works = await mailbox("altra@demo.test", "Fiscale", port=relay.port)
    provider.refuse(GOOGLE_DEAD)
    mail, server = await sent_by(relay, provider)
    assert relay.tokens == ["access-0"]
    assert await state(mail) is QUEUED
    assert server.state is MailboxState.REAUTHORISE
    alert = await OutboundMail.get(kind=MailKind.MAILBOX_ALERT, mailbox_id=works.id)
    assert alert.input["state"] == "REAUTHORISE"


async def test_no_new_token_to_be_had(relay: Server, provider: TokenServer) -> None:
    provider.refuse({"error": "temporarily_unavailable"}, 503)
    mail, server = await sent_by(relay, provider)
    assert await state(mail) is QUEUED
    assert (server.state, server.retry_at is not None) == (MailboxState.UNREACHABLE, True)


async def test_a_token_renewed_meanwhile_is_kept(provider: TokenServer) -> None:

    box = await mailbox()
    await consented(box, provider)
    server = await MailServer.get()
    box = await Mailbox.get()
    refused = Bearer(box.address, "an older one")
    assert await credential(box, server, refused) == Bearer(box.address, "access-0")
    assert provider.asked == []


@pytest.mark.parametrize("dead", [False, True])
async def test_mailboxes_are_read_with_another(
    imap: Dovecot, provider: TokenServer, dead: bool
) -> None:
    box = await boxes.mailbox(USER, imap_port=imap.port)
    await consented(box, provider)
    if dead:
        provider.refuse(GOOGLE_DEAD)
    async with introspection(INTROSPECTION[0]):
        imap.put(USER, [MAIL])
        async with keeping():
            await until(in_trouble if dead else InboundMail.exists)
    found = await incoming()
    assert found.state is (MailboxState.REAUTHORISE if dead else MailboxState.OK)
    assert len(provider.asked) == 1
    assert found.direction is MailDirection.IN
