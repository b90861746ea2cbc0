"""Our IMAP against a real Dovecot: what aioimaplib does wrong, and what servers do."""

import asyncio
from collections.abc import Iterator

import pytest

from mail.credentials import Bearer, Password
from mail.imap import Imap, _folders
from mail.wire import Gone, Lost, MailServerError, Refused, TlsFailed, Unreachable
from models.mail_enums import MailSecurity
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot

USER = "support@example.test"
ODD = "user with space@example.test"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot([USER, ODD]) as running:
        yield running


def mail(number: int, more: str = "") -> bytes:
    return f"From: a@b.example\nSubject: {number}\nMessage-ID: <{number}@b>\n\n{more}".encode()


async def connected(server: Dovecot, user: str = USER) -> Imap:
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.NONE, server.context)
    await client.sign_in(Password(user, PASSWORD))
    return client


async def test_fetches_what_is_beyond_a_uid_and_leaves_it_unread(server: Dovecot) -> None:
    server.put(USER, [mail(one) for one in range(3)], "Fetched")
    client = await connected(server)
    opened = await client.open("Fetched")
    assert (opened.exists, opened.uidnext) == (3, 4)
    assert await client.uids() == [1, 2, 3]
    assert await client.uids(2) == [3]
    assert await client.uids(3) == []
    fetched = await client.fetch(2)
    assert fetched is not None
    assert fetched.raw == mail(1).replace(b"\n", b"\r\n")
    assert fetched.at is not None
    facts = await client.facts([1, 2, 3, 99])
    assert set(facts) == {1, 2, 3}
    assert (facts[2].size, facts[2].at) == (len(fetched.raw), fetched.at)
    assert await client.fetch(99) is None
    await client.leave()
    assert "Seen" not in server.doveadm("fetch", "-u", USER, "flags", "mailbox", "Fetched", "all")


@pytest.mark.parametrize("security", [MailSecurity.TLS, MailSecurity.STARTTLS])
async def test_encrypted(server: Dovecot, security: MailSecurity) -> None:
    port = server.tls_port if security is MailSecurity.TLS else server.port
    client = await Imap.connect("127.0.0.1", port, security, server.context)
    if security is MailSecurity.STARTTLS:
        await client.starttls(server.context)
    await client.sign_in(Password(USER, PASSWORD))
    assert "UIDPLUS" in client.capabilities
    await client.leave()


async def test_says_what_is_wrong_with_tls(server: Dovecot) -> None:
    from mail.wire import tls_context

    with pytest.raises(TlsFailed, match="certificate"):
        await Imap.connect("127.0.0.1", server.tls_port, MailSecurity.TLS, tls_context())
    with pytest.raises(TlsFailed, match="TLS"):
        await Imap.connect("127.0.0.1", server.port, MailSecurity.TLS, server.context)
    with pytest.raises(Lost, match="encryption"):
        await Imap.connect(
            "127.0.0.1", server.tls_port, MailSecurity.NONE, server.context, patience_s=0.5
        )
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.STARTTLS, tls_context())
    with pytest.raises(TlsFailed, match="certificate"):
        await client.starttls(tls_context())


async def test_says_that_nobody_is_there(server: Dovecot) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        await Imap.connect("127.0.0.1", 1, MailSecurity.NONE, server.context)
    with pytest.raises(Unreachable, match="there is no host"):
        await Imap.connect("nowhere.invalid", 143, MailSecurity.NONE, server.context)


async def test_refuses_a_wrong_password_in_the_servers_words(server: Dovecot) -> None:
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.NONE, server.context)
    with pytest.raises(Refused, match="AUTHENTICATIONFAILED"):
        await client.sign_in(Password(USER, 'wrong "one\\'))
    client.close()


async def test_refuses_a_token_at_once(server: Dovecot) -> None:
    """XOAUTH2 is not offered here: the server says so, and nobody waits for a time-out."""
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.NONE, server.context)
    with pytest.raises(MailServerError):
        await client.sign_in(Bearer(USER, "token"))
    client.close()


async def test_signs_in_with_a_space_in_the_name(server: Dovecot) -> None:
    client = await connected(server, ODD)
    await client.open("INBOX")
    await client.leave()


@pytest.mark.parametrize("name", ["Übersicht & Co", "with space", "st* ar", 'quo"te', "Входящие"])
async def test_names_of_folders(server: Dovecot, name: str) -> None:
    server.doveadm("mailbox", "create", "-u", USER, name)
    client = await connected(server)
    assert name in await client.folders()
    assert (await client.open(name)).exists == 0
    await client.leave()


async def test_no_such_folder(server: Dovecot) -> None:
    client = await connected(server)
    with pytest.raises(Gone, match="Nowhere"):
        await client.open("Nowhere")
    await client.leave()


async def test_four_thousand_lines_in_one_answer(server: Dovecot) -> None:
    """aioimaplib takes a frame of Python for each, and hangs after a thousand."""
    server.put(USER, [mail(one) for one in range(4000)], "Many")
    client = await connected(server)
    await client.open("Many")
    uids = await client.uids()
    assert len(uids) == 4000
    _, lines = await client._run("FETCH", "1:4000", "(UID FLAGS)", prefix="UID")
    assert len(lines) == 4001
    await client.leave()


async def test_a_literal_that_looks_like_protocol(server: Dovecot) -> None:
    text = "* 1 FETCH (UID 7 BODY[] {5}\r\nA0001 OK done\r\n* BYE no {100}\r\n(((\r\n" * 500
    server.put(USER, [mail(1, text)], "Tricky")
    client = await connected(server)
    await client.open("Tricky")
    fetched = await client.fetch(1)
    assert fetched is not None
    assert fetched.raw.endswith(b"(((\r\n")
    assert await client.uids() == [1]
    await client.leave()


async def test_idle_tells_of_new_mail_and_ends_by_itself(server: Dovecot) -> None:
    server.maildir(USER, "Idle")
    client = await connected(server)
    await client.open("Idle")
    assert not await client.idle(0.3)
    waiting = asyncio.create_task(client.idle(60))
    await asyncio.sleep(0.2)
    server.put(USER, [mail(1)], "Idle")
    assert await asyncio.wait_for(waiting, 30)
    assert len(await client.uids()) == 1
    await client.leave()


async def test_a_lost_line_ends_whoever_waits(server: Dovecot) -> None:
    client = await connected(server)
    await client.open("INBOX")
    waiting = asyncio.create_task(client.idle(600))
    await asyncio.sleep(0.2)
    server.doveadm("kick", USER)
    with pytest.raises(Lost):
        await asyncio.wait_for(waiting, 20)
    with pytest.raises(Lost):
        await client.uids()


async def test_removes_these_and_no_others(server: Dovecot) -> None:
    server.put(USER, [mail(one) for one in range(4)], "Removed")
    server.doveadm("flags", "add", "-u", USER, r"\Deleted", "mailbox", "Removed", "uid", "4")
    client = await connected(server)
    await client.open("Removed", read_only=False)
    await client.remove([1, 2])
    await client.remove([2])
    assert await client.uids() == [3, 4], "what another program has marked stays"
    await client.leave()


def test_list_with_literals_and_escapes() -> None:
    lines: list[bytes | bytearray] = [
        b'LIST (\\HasNoChildren) "/" INBOX',
        b'LIST (\\Noselect) "/" "not this"',
        b'LIST () NIL "a \\"quoted\\" one"',
        b'LIST (\\HasNoChildren) "/" {5}',
        bytearray(b"x y z"),
        b"List completed.",
    ]
    assert _folders(lines) == ["INBOX", 'a "quoted" one', "x y z"]
