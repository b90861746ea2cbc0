"""OAuth2 clients that cannot work are refused when they are described, not when mail is sent."""

import pytest

from models.mailboxes import Mailbox
from tests.administration.staff import paths_of
from tests.administration.test_mailboxes import CHANGED, WRONG, made
from tests.support.site import Site

CLIENT = {"provider": "GOOGLE", "clientId": "me"}


@pytest.mark.parametrize("field", ["tokenUrl", "authoriseUrl"])
async def test_addresses_that_lead_nowhere(site: Site, field: str) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    for address in (
        "https://login..example/token", "https://[v1.x]/", "https://xn--/", "https://a.b:99999/",
        "https://a.b:x/", f"https://{'a' * 64}.example/", "https://a\0.example/",
        "https://a.example/\0", "https://a.\nexample/", "https://a%00b/", "https://:word@a.example/",
        "https://[::1%25eth0]/", "https://[x", "",
        "https://168.63.129.16/token", "https://169.254.169.254/token",
    ):  # fmt: skip
        oauth = CLIENT | {field: address}
        answer = await admin.do("mailboxUpdate", WRONG, mailboxId=mailbox["id"], oauth=oauth)
        assert paths_of(answer) == [f"oauth.{field}"], address
    assert not (await Mailbox.get()).oauth_client_id


@pytest.mark.parametrize("field", ["clientId", "scope", "clientSecret"])
async def test_words_that_cannot_be_kept(site: Site, field: str) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    for text in ("a\0b", "a\nb", "a\x7f", "x" * 1_001):
        oauth = CLIENT | {field: text}
        answer = await admin.do("mailboxUpdate", WRONG, mailboxId=mailbox["id"], oauth=oauth)
        assert paths_of(answer) == [f"oauth.{field}"], text


async def test_addresses_that_are_usual(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    for address in (
        "https://login.example/token?x=1", "https://Login.Example:8443/a/b", "http://127.0.0.1:1/t",
        "http://[::1]:1/t", "http://localhost/t", "https://192.0.2.7/t", "https://a_b.example/",
        "https://xn--mnchen-3ya.example/",
    ):  # fmt: skip
        answer = await admin.do(
            "mailboxUpdate", CHANGED, mailboxId=mailbox["id"], oauth=CLIENT | {"tokenUrl": address}
        )
        assert answer["__typename"] == "MailboxUpdated", address
        assert answer["mailbox"]["oauth"]["tokenUrl"] == address
