"""Servers that refuse, lie and hang up: no mail is lost by it, and none stops the others."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest

from mail import leases
from mail.credentials import Password
from mail.imap import Imap
from mail.inbound import Looked, Place, look
from mail.sweep import sweep
from mail.wire import Lost, MailServerError, Refused, tls_context
from models.mail_enums import MailDirection, MailSecurity
from models.mailboxes import MailFolder, MailServer
from models.mails import InboundMail, RawMail
from tests.mail import boxes
from tests.mail.imap_server import ImapServer, imap_server

pytestmark = pytest.mark.usefixtures("database")
FACTS = "UID FETCH 2,3,4 (UID INTERNALDATE RFC822.SIZE)"


@pytest.fixture
async def server() -> AsyncGenerator[ImapServer]:
    async with imap_server() as one:
        yield one


def mail(number: object) -> bytes:
    head = f"From: a@b.example\r\nSubject: {number}\r\nMessage-ID: <{number}@b>\r\n"
    return f"{head}\r\nwords {number}\r\n".encode()


async def place_at(server: ImapServer, **columns: Any) -> Place:
    box = await boxes.mailbox("x@example.test", imap_port=server.port)
    if columns:
        await MailServer.filter(mailbox_id=box.id).update(**columns)
    row = await MailServer.get(mailbox_id=box.id, direction=MailDirection.IN)
    assert await leases.take(row.id, "me")
    return Place(box, row, "me")


async def connected(server: ImapServer) -> Imap:
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.NONE, tls_context())
    try:
        await client.sign_in(Password("x", "y"))
    except MailServerError:
        client.close()
        raise
    return client


async def looked(place: Place, server: ImapServer) -> Looked:
    client = await connected(server)
    try:
        return await look(client, place, lambda: None)
    finally:
        client.close()


async def swept(place: Place, server: ImapServer) -> int:
    client = await connected(server)
    try:
        return await sweep(client, place)
    finally:
        client.close()


async def subjects() -> list[str]:
    return [one.subject for one in await InboundMail.all().order_by("id")]


async def begun(server: ImapServer, new: int = 3) -> Place:
    """One mail is kept, and some are new."""
    server.put(mail(0))
    place = await place_at(server)
    await looked(place, server)
    server.put(*map(mail, range(1, new + 1)))
    return place


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (FACTS, "NO [UNAVAILABLE] Server busy, try later"),
        (FACTS, "BAD User is authenticated but not connected."),
        ("UID FETCH 3 ", "NO Nothing today"),
        ("UID FETCH 3 ", "BAD User is authenticated but not connected."),
        ("UID FETCH 3 ", "OK without a word of it"),
        (FACTS, "OK without a word of it"),
        ("UID FETCH 3 ", ""),
        ("UID SEARCH", "NO [INUSE] not now"),
    ],
)
async def test_what_is_refused_comes_later(server: ImapServer, command: str, words: str) -> None:
    place = await begun(server)
    server.refuse(command, words, times=1)
    with pytest.raises(Lost):
        await looked(place, server)
    await looked(place, server)
    assert await subjects() == ["0", "1", "2", "3"]
    folder = await MailFolder.get()
    assert (folder.last_uid, folder.lost_uid, folder.losses) == (4, 0, 0)


async def test_what_has_gone_is_no_fault(server: ImapServer) -> None:
    place = await begun(server)
    server.instead["UID SEARCH UID 2:*"] = lambda _, tag: (
        f"* SEARCH 2 3 4 4294967295\r\n{tag} OK done\r\n".encode()
    )
    del server.mails[3]
    assert (await looked(place, server)).kept == 2
    assert (await MailFolder.get()).last_uid == 4
    server.put(mail(4))
    server.instead.clear()
    await looked(place, server)
    assert await subjects() == ["0", "1", "3", "4"]


async def test_gone_between_is_said_by_some(server: ImapServer) -> None:
    place = await begun(server, 1)

    def gone(_: str, tag: str) -> bytes:
        server.mails.pop(2, None)
        return f"{tag} NO [EXPUNGEISSUED] Some are gone\r\n".encode()

    server.instead["UID FETCH"] = gone
    assert (await looked(place, server)).kept == 0


@pytest.mark.parametrize("insists", [True, False])
async def test_a_uid_beyond_the_next_is_not_believed(server: ImapServer, insists: bool) -> None:
    place = await begun(server, 1)
    beyond = 4_294_967_295

    def lie(rest: str, tag: str) -> bytes | None:
        if not insists and str(beyond) in rest:
            return None
        return f"* SEARCH 2 {beyond}\r\n{tag} OK done\r\n".encode()

    server.instead["UID SEARCH"] = lie
    for _ in range(4):
        await looked(place, server)
    assert (await MailFolder.get()).last_uid == 2
    server.instead.clear()
    server.put(mail(2))
    await looked(place, server)
    assert await subjects() == ["0", "1", "2"]


@pytest.mark.parametrize(
    "said",
    [
        b'* 2 FETCH (UID 2 BODY[] "Subject: short \\"one\\"")\r\n',
        b'* 2 FETCH (FLAGS (\\Seen $a) BODY[] {20}\r\nSubject: short "one" UID 2)\r\n',
        (
            b"* 1 FETCH (UID 1 BODY[] {5}\r\nwrong)\r\n* 2 FETCH (UID 2)\r\n"
            b'* 2 FETCH (BODY[] {20}\r\nSubject: short "one" INTERNALDATE NIL)\r\n'
        ),
    ],
)
async def test_bodies_as_servers_may_send_them(server: ImapServer, said: bytes) -> None:
    place = await begun(server, 1)
    server.instead["UID FETCH 2 (UID INTERNALDATE BODY"] = lambda _, tag: (
        said + f"{tag} OK\r\n".encode()
    )
    await looked(place, server)
    row = await InboundMail.get(uid=2)
    assert (await RawMail.get(sha256=row.raw_sha256)).content == b'Subject: short "one"'


async def test_facts_in_pieces(server: ImapServer) -> None:
    place = await begun(server, 1)
    server.instead["UID FETCH 2 (UID INTERNALDATE RFC822.SIZE)"] = lambda _, tag: (
        b"* 1 FETCH (FLAGS ())\r\n* 2 FETCH (RFC822.SIZE 12)\r\n"
        b'* 2 FETCH (UID 2 INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n'
        + f"{tag} OK\r\n".encode()
    )
    await looked(place, server)
    assert await subjects() == ["0", "1"]


@pytest.mark.parametrize(
    "words",
    [
        "NO [UNAVAILABLE] Temporary authentication failure.",
        "NO [INUSE] Too many connections",
        "NO [LIMIT] Try later",
        "NO [SERVERBUG] Internal error",
        "NO [ALERT] Too many simultaneous connections. (Failure)",
        "NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
    ],
)
async def test_a_sign_in_that_is_refused_for_now(server: ImapServer, words: str) -> None:
    server.refuse("LOGIN", words)
    with pytest.raises(Lost):
        await connected(server)
    server.refuse("LOGIN", "NO wrong\x00 p\udcffassword".encode("utf-8", "replace").decode())
    with pytest.raises(Refused, match=r"^wrong p\?assword$"):
        await connected(server)


@pytest.mark.parametrize("size", [70_000_000, 10**12])
async def test_an_answer_has_an_end(server: ImapServer, size: int) -> None:
    server.put(mail(1))
    client = await connected(server)
    server.instead["UID FETCH"] = lambda _, tag: f"* 1 FETCH (BODY[] {{{size}}}\r\n".encode()
    with pytest.raises(Lost, match="makes no sense"):
        await client.fetch(1)


async def test_many_literals_have_an_end(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.imap_protocol.ANSWER_MOST", 100_000)
    one = b"* 1 FETCH (BODY[] {1000}\r\n" + b"x" * 1000 + b")\r\n"
    server.instead["UID FETCH"] = lambda _, tag: one * 200
    client = await connected(server)
    with pytest.raises(Lost, match="makes no sense"):
        await client.fetch(1)


@pytest.mark.parametrize("numbers", [(2**64, 5), (1, 2**64)])
async def test_numbers_that_no_server_may_say(server: ImapServer, numbers: tuple[int, int]) -> None:
    server.put(mail(0))
    place = await place_at(server)
    server.uidvalidity, uid = numbers
    server.instead["UID SEARCH"] = lambda _, tag: f"* SEARCH {uid}\r\n{tag} OK\r\n".encode()
    with pytest.raises(Lost, match="18446744073709551616"):
        await looked(place, server)


async def test_what_is_slow_and_comes_is_waited_for(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.imap.FETCH_PATIENCE_S", 0.4)
    place = await begun(server, 1)
    server.slowly = 0.25
    await looked(place, server)
    assert await subjects() == ["0", "1"]


async def test_from_a_date_wherever_the_server_is(server: ImapServer) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    server.put(mail("wanted"), date="31-Dec-2025 19:00:00 -0800")  # 03:00 UTC on the first
    server.put(mail("older"), date="31-Dec-2025 15:00:00 -0800")
    server.put(*map(mail, range(100)))
    place = await place_at(server)
    await looked(place, server)
    await MailFolder.all().update(reimport_since=since)
    await looked(place, server)
    assert (await subjects())[100:] == ["wanted"]
    assert any("SINCE 31-Dec-2025" in one for one in server.commands)


@pytest.mark.parametrize("raw", ["R&D", "Пример"])
async def test_folders_by_the_name_the_server_writes(server: ImapServer, raw: str) -> None:
    server.instead["LIST"] = lambda _, tag: (
        f'* LIST (\\HasNoChildren) "/" "{raw}"\r\n{tag} OK\r\n'.encode()
    )
    server.instead["EXAMINE"] = lambda rest, tag: (
        None if f'"{raw}"' in rest else f"{tag} NO no such folder\r\n".encode()
    )
    client = await connected(server)
    assert await client.folders() == [raw]
    assert (await client.open(raw)).uidvalidity == 1
    await client.leave()


async def test_into_the_folder_that_is_said_to_be_the_trash(server: ImapServer) -> None:
    server.capabilities = "IMAP4rev1 MOVE"
    server.instead["LIST"] = lambda _, tag: (
        b'* LIST () "/" "Trash (old)"\r\n* LIST (\\Trash) "/" "Mistkorb"\r\n'
        + f"{tag} OK\r\n".encode()
    )
    client = await connected(server)
    await client.open("INBOX", read_only=False)
    await client.remove([1])
    assert server.commands[-1] == 'UID MOVE 1 "Mistkorb"'
    await client.leave()
