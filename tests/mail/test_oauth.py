"""OAuth2 from consent to a dead grant, against a token server of this machine."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from actions import mail_hosts
from actions.keys import ring
from mail import oauth_server
from mail.consent import State, StateRefused
from mail.credentials import Bearer, Reauthorise
from mail.oauth import credential
from mail.oauth_server import TokenServerTrouble
from models.mail_enums import MailAuth, MailboxState, MailDirection, MailKind
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from tests.administration.staff import paths_of
from tests.administration.test_mailboxes import WRONG, made
from tests.live.stage import eventually
from tests.mail.token_server import (
    GOOGLE,
    GOOGLE_DEAD,
    GOOGLE_FIRST,
    MICROSOFT,
    MICROSOFT_DEAD,
    TokenServer,
    token_server,
)
from tests.support.site import Client, Site

CALLBACK = "/oauth/mail/callback"
SECRET = "client-secret-word"


@pytest.fixture
async def provider() -> AsyncGenerator[TokenServer]:
    async with token_server() as server:
        yield server


async def mailbox_of(provider: TokenServer, *, expires_in: timedelta) -> tuple[Mailbox, MailServer]:
    """One that was consented to, with a token that runs out then."""
    now = datetime.now(UTC)
    mailbox = await Mailbox.create(
        name="Posta", address="posta@example.org", created_at=now, oauth_provider="google",
        oauth_client_id="me", oauth_client_secret=ring().encrypt(SECRET),
        oauth_token_url=provider.url, oauth_refresh_token=ring().encrypt("refresh-0"),
        oauth_access_token=ring().encrypt("access-0"), oauth_expires_at=now + expires_in,
    )  # fmt: skip
    sides = [
        await MailServer.create(
            mailbox_id=mailbox.id, direction=side, host="h", port=1, security="TLS",
            auth=MailAuth.OAUTH2,
        )
        for side in MailDirection
    ]  # fmt: skip
    return mailbox, sides[0]


async def fresh(mailbox: Mailbox) -> Mailbox:
    return await Mailbox.get(id=mailbox.id)


@pytest.mark.usefixtures("database")
class TestRefresh:
    async def test_a_token_that_holds_is_used_as_it_is(self, provider: TokenServer) -> None:
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(minutes=6))
        assert await credential(mailbox, server) == Bearer("posta@example.org", "access-0")
        assert provider.asked == []

    async def test_google_keeps_the_refresh_token(self, provider: TokenServer) -> None:
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(minutes=4))
        assert await credential(mailbox, server) == Bearer("posta@example.org", "ya29.access-1")
        assert provider.asked == [
            {"grant_type": "refresh_token", "refresh_token": "refresh-0", "client_id": "me",
             "client_secret": SECRET}
        ]  # fmt: skip
        now = await fresh(mailbox)
        assert ring().decrypt(now.oauth_refresh_token) == "refresh-0"
        assert now.oauth_expires_at is not None
        assert now.oauth_expires_at > datetime.now(UTC) + timedelta(minutes=50)
        assert await credential(now, server) == Bearer("posta@example.org", "ya29.access-1")
        assert len(provider.asked) == 1

    async def test_microsoft_changes_it_each_time(self, provider: TokenServer) -> None:
        provider.answer = MICROSOFT
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
        await credential(mailbox, server)
        kept = await fresh(mailbox)
        assert ring().decrypt(kept.oauth_refresh_token) == "0.AX-refresh-1"
        await Mailbox.filter(id=mailbox.id).update(oauth_expires_at=datetime.now(UTC))
        await credential(mailbox, server)
        assert provider.asked[1]["refresh_token"] == "0.AX-refresh-1"

    async def test_many_at_once_ask_once(self, provider: TokenServer) -> None:
        provider.delay_s = 0.3
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
        found = await asyncio.gather(*(credential(mailbox, server) for _ in range(8)))
        assert set(found) == {Bearer("posta@example.org", "ya29.access-1")}
        assert len(provider.asked) == 1

    async def test_while_one_asks_the_old_token_serves(self, provider: TokenServer) -> None:
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(minutes=3))
        later = datetime.now(UTC) + timedelta(minutes=1)
        await Mailbox.filter(id=mailbox.id).update(oauth_lease_until=later)
        assert await credential(mailbox, server) == Bearer("posta@example.org", "access-0")
        assert provider.asked == []

    @pytest.mark.parametrize("dead", [GOOGLE_DEAD, MICROSOFT_DEAD], ids=["google", "microsoft"])
    async def test_a_dead_grant_is_told_at_once_and_once(
        self, provider: TokenServer, dead: dict[str, Any]
    ) -> None:
        other = await Mailbox.create(
            name="Altra", address="altra@example.org", created_at=datetime.now(UTC)
        )
        await MailServer.create(
            mailbox_id=other.id, direction="OUT", host="h", port=1, security="TLS", auth="PASSWORD"
        )
        provider.refuse(dead)
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(minutes=2))
        with pytest.raises(Reauthorise, match="invalid_grant"):
            await credential(mailbox, server)
        for one in await MailServer.filter(mailbox_id=mailbox.id):
            assert one.state is MailboxState.REAUTHORISE
            assert dead["error_description"].partition("\r")[0] in one.error
            assert "Correlation" not in one.error
        mails = await OutboundMail.filter(kind=MailKind.MAILBOX_ALERT)
        assert {one.mailbox_id for one in mails} == {other.id}
        assert {one.input["direction"] for one in mails} == {"IN", "OUT"}
        count = len(mails)
        for known in (mailbox, await fresh(mailbox)):
            with pytest.raises(Reauthorise):
                await credential(known, server)
        assert len(provider.asked) == 1
        assert await OutboundMail.all().count() == count

    @pytest.mark.parametrize(
        ("status", "answer"),
        [(500, b"<html>"), (200, {"hello": 1}), (429, {"error": "temporarily_unavailable"}),
         (401, {"error": "invalid_client"}), (200, [1])],
    )  # fmt: skip
    async def test_trouble_is_no_death(
        self, provider: TokenServer, status: int, answer: Any
    ) -> None:
        provider.status, provider.answer = status, answer
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(minutes=2))
        assert await credential(mailbox, server) == Bearer("posta@example.org", "access-0")
        await Mailbox.filter(id=mailbox.id).update(oauth_expires_at=datetime.now(UTC))
        with pytest.raises(TokenServerTrouble):
            await credential(mailbox, server)
        now = await fresh(mailbox)
        assert ring().decrypt(now.oauth_refresh_token) == "refresh-0"
        assert now.oauth_lease_until is None
        assert not await MailServer.filter(state=MailboxState.REAUTHORISE).exists()

    async def test_a_server_that_is_away_is_no_death(self, provider: TokenServer) -> None:
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
        await Mailbox.filter(id=mailbox.id).update(oauth_token_url="http://127.0.0.1:1/token")
        with pytest.raises(TokenServerTrouble, match="cannot be reached"):
            await credential(mailbox, server)
        assert (await fresh(mailbox)).oauth_refresh_token

    async def test_consent_given_meanwhile_is_kept(self, provider: TokenServer) -> None:
        provider.refuse(GOOGLE_DEAD)
        provider.delay_s = 0.5
        mailbox, server = await mailbox_of(provider, expires_in=timedelta(0))
        asking = asyncio.create_task(credential(mailbox, server))
        await eventually(lambda: bool(provider.asked))
        anew = ring().encrypt("refresh-anew")
        await Mailbox.filter(id=mailbox.id).update(oauth_refresh_token=anew)
        with pytest.raises(Reauthorise):
            await asking
        assert (await fresh(mailbox)).oauth_refresh_token == anew
        assert not await MailServer.filter(state=MailboxState.REAUTHORISE).exists()


async def test_a_private_token_server_may_be_refused(provider: TokenServer) -> None:
    mail_hosts.use(private=False)
    try:
        with pytest.raises(TokenServerTrouble, match="private"):
            await oauth_server.request(provider.url, {})
    finally:
        mail_hosts.use(private=True)
    assert provider.asked == []


def test_state_is_signed_and_ends() -> None:
    state = State.new(7, 9)
    assert State.read(state.text) == state
    assert len(state.verifier) == 64
    assert state.verifier != State.new(7, 9).verifier
    for forged in ("", "x", state.text.replace("7.", "8.", 1), state.text[:-1] + "."):
        with pytest.raises(StateRefused):
            State.read(forged)
    late = State(7, 9, datetime.now(UTC) - timedelta(seconds=1), "n")
    with pytest.raises(StateRefused, match="15 minutes"):
        State.read(late.text)


async def begun(by: Client, provider: TokenServer) -> tuple[dict[str, str], str]:
    """What the provider is asked with, and the mailbox's id."""
    mailbox = await made(
        by,
        incoming={"host": "h.example.org", "auth": "OAUTH2"},
        outgoing={"host": "h.example.org", "auth": "OAUTH2"},
        oauth={"provider": "CUSTOM", "clientId": "me", "clientSecret": SECRET, "scope": "mail",
               "authoriseUrl": "https://provider.example/consent?x=1", "tokenUrl": provider.url},
    )  # fmt: skip
    answer = await by.do(
        "mailboxOAuthBegin", "... on MailboxOAuthBegun { url }", mailboxId=mailbox["id"]
    )
    parts = urlsplit(str(answer["url"]))
    assert parts.netloc == "provider.example"
    return {name: given[0] for name, given in parse_qs(parts.query).items()}, mailbox["id"]


async def back(site: Site, by: Client | None, **given: str) -> tuple[int, str]:
    """The browser comes back."""
    cookie = {"Cookie": f"sportello-desk={by.token}"} if by is not None else {}
    answer = await site.http.get(CALLBACK, params=given, headers=cookie)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.text


async def test_consent(site: Site, provider: TokenServer) -> None:
    admin = await site.sign_in("admin")
    provider.answer = GOOGLE_FIRST
    asked, id = await begun(admin, provider)
    assert asked["x"] == "1"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"].endswith(CALLBACK)
    status, page = await back(site, admin, state=asked["state"], code="the-code")
    assert (status, "support@example.org is connected" in page) == (200, True)
    (exchanged,) = provider.asked
    assert exchanged["code"] == "the-code"
    assert exchanged["redirect_uri"] == asked["redirect_uri"]
    assert exchanged["code_verifier"] == State.read(asked["state"]).verifier
    shown = await admin.run("query ($id: ID!) { mailbox(id: $id) { oauth { authorised } } }", id=id)
    assert shown["mailbox"] == {"oauth": {"authorised": True}}
    row = await Mailbox.get()
    assert ring().decrypt(row.oauth_refresh_token) == "1//refresh-1"
    moved = {"host": "evil.example.org"}
    await admin.do("mailboxUpdate", WRONG, mailboxId=id, incoming=moved)
    assert (await Mailbox.get()).oauth_refresh_token == "", "a grant follows no other host"


async def test_what_comes_back_wrong(site: Site, provider: TokenServer) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    other = await site.sign_in("admin")
    asked, _ = await begun(admin, provider)
    state = asked["state"]
    for by, given, status in (
        (None, {"state": state, "code": "c"}, 401),
        (anna, {"state": state, "code": "c"}, 400),
        (other, {"state": state, "code": "c"}, 400),
        (admin, {"state": "forged", "code": "c"}, 400),
        (admin, {"code": "c"}, 400),
        (admin, {"state": state, "error": "access_denied"}, 400),
        (admin, {"state": state, "error": "<script>alert(1)</script>"}, 400),
    ):  # fmt: skip
        got, page = await back(site, by, **given)
        assert got == status, (given, page)
        assert "<script>" not in page
    assert provider.asked == []
    provider.answer = GOOGLE
    status, page = await back(site, admin, state=state, code="c")
    assert (status, "no refresh token" in page) == (502, True)
    provider.refuse(GOOGLE_DEAD)
    status, page = await back(site, admin, state=state, code="used")
    assert (status, "invalid_grant" in page) == (502, True)
    assert not (await Mailbox.get()).oauth_refresh_token


async def test_consent_needs_a_client(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    answer = await admin.do("mailboxOAuthBegin", WRONG, mailboxId=mailbox["id"])
    assert paths_of(answer) == ["mailboxId"]
