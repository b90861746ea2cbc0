"""Token servers that answer for ever, with too much, in strange words, or at one address alone."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from mail import oauth_server
from mail.credentials import Bearer, Reauthorise
from mail.oauth import credential
from mail.oauth_server import ANSWER_LIMIT, TokenServerTrouble
from models.mail_enums import MailboxState
from models.mailboxes import Mailbox, MailServer
from tests.mail.test_oauth import fresh, mailbox_of
from tests.mail.token_server import TokenServer, token_server


@pytest.fixture
async def provider() -> AsyncGenerator[TokenServer]:
    async with token_server() as server:
        yield server


async def test_an_answer_without_end(
    provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth_server, "PATIENCE_S", 0.5)
    provider.endless = True
    began = time.monotonic()
    with pytest.raises(TokenServerTrouble, match="does not answer in"):
        await oauth_server.request(provider.url, {})
    assert time.monotonic() - began < 5


async def test_an_answer_that_is_too_long(provider: TokenServer) -> None:
    provider.answer = b'{"access_token": "x"}'.ljust(ANSWER_LIMIT)
    assert (await oauth_server.request(provider.url, {})).access_token == "x"
    provider.answer = b'{"access_token": "x"}'.ljust(20_000_000)
    with pytest.raises(TokenServerTrouble, match="more than any token takes"):
        await oauth_server.request(provider.url, {})


@pytest.mark.usefixtures("database")
async def test_a_dead_grant_told_in_words_no_database_takes(provider: TokenServer) -> None:
    provider.refuse({"error": "invalid_grant", "error_description": "revoked\0 by\x85 admin"})
    mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
    with pytest.raises(Reauthorise):
        await credential(mailbox, server)
    found = await MailServer.get(id=server.id)
    assert found.state is MailboxState.REAUTHORISE
    assert found.error.endswith("says invalid_grant: revoked  by  admin")
    assert not (await fresh(mailbox)).oauth_refresh_token


@pytest.mark.usefixtures("database")
async def test_every_address_is_tried(
    provider: TokenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(_host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))
        ]

    mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
    url = f"http://idp.example:{provider.port}/token"
    await Mailbox.filter(id=mailbox.id).update(oauth_token_url=url)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    assert await credential(mailbox, server) == Bearer("posta@example.org", "ya29.access-1")
    assert provider.hosts == [f"idp.example:{provider.port}"]


@pytest.mark.parametrize(
    "url",
    ["https://login..example/token", "https://[v1.x]/", "https://xn--/", "https://a.b:x/",
     f"https://{'a' * 64}.example/", "https://a.b:99999/", "https://[x/", "https://a\0b/", "x"],
)  # fmt: skip
async def test_addresses_that_are_none_are_trouble(url: str) -> None:
    """Rows of long ago may have any."""
    with pytest.raises(TokenServerTrouble, match="cannot be reached"):
        await oauth_server.request(url, {})
