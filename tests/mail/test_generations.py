"""UIDs that come to stand for other mails: another account, a backup, another numbering."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from actions.administration.mail_servers import ServerEdit
from actions.unit_of_work import unit_of_work
from mail.inbound import Place
from models.mail_enums import InboundState, MailDirection
from models.mailboxes import MailFolder, MailServer
from models.mails import InboundMail
from tests.mail.imap_server import ImapServer, imap_server
from tests.mail.test_imap_refusals import looked, mail, place_at, subjects, swept

pytestmark = pytest.mark.usefixtures("database")
LAST_YEAR = "01-Nov-2025 10:00:00 +0000"


@pytest.fixture
async def server() -> AsyncGenerator[ImapServer]:
    async with imap_server() as one:
        yield one


@pytest.fixture
async def another() -> AsyncGenerator[ImapServer]:
    async with imap_server() as one:
        yield one


async def imported() -> None:
    await InboundMail.filter(state=InboundState.RECEIVED).update(state=InboundState.IMPORTED)


async def changed(place: Place, **columns: object) -> Place:
    """As the API does it."""
    row = await MailServer.get(mailbox_id=place.mailbox.id, direction=MailDirection.IN)
    edit = ServerEdit(row, new=False)
    for column, value in columns.items():
        edit.set(column, value)
    await unit_of_work(edit.save)
    row = await MailServer.get(id=row.id)
    return Place(place.mailbox, row, "me")


async def silent() -> list[bool]:
    return [one.silent for one in await InboundMail.all().order_by("id")]


async def test_another_account_with_the_same_uidvalidity(
    server: ImapServer, another: ImapServer
) -> None:
    """Its last hundred, silently; what is swept is its own, and nothing else."""
    server.put(*map(mail, range(10)))
    another.put(*(mail(f"other {one}") for one in range(108)), date=LAST_YEAR)
    place = await place_at(server, delete_after_import=True)
    await looked(place, server)
    await imported()
    place = await changed(place, port=another.port, username="other@example.test")
    assert await swept(place, another) == 0, "nothing is known of it yet"
    assert (await looked(place, another)).kept == 100
    assert (await subjects())[10:] == [f"other {one}" for one in range(8, 108)]
    assert await silent() == [False] * 10 + [True] * 100
    assert await swept(place, another) == 0
    assert len(another.mails) == 108
    await InboundMail.filter(subject="other 50").update(state=InboundState.IMPORTED)
    assert await swept(place, another) == 1
    assert 51 not in another.mails
    another.put(mail("new"), date=f"{datetime.now(UTC) + timedelta(hours=1):%d-%b-%Y %X} +0000")
    assert (await looked(place, another)).kept == 1
    assert (await silent())[-1] is False


async def test_the_same_mails_at_another_address(server: ImapServer, another: ImapServer) -> None:
    for one in (server, another):
        one.put(*map(mail, range(5)))
    place = await place_at(server)
    await looked(place, server)
    place = await changed(place, port=another.port)
    assert (await looked(place, another)).kept == 0
    assert len(await subjects()) == 5


async def test_what_came_meanwhile_at_another_port(server: ImapServer, another: ImapServer) -> None:
    """The same account: it goes on from the checkpoint, and who wrote is answered."""
    server.put(*map(mail, range(3)))
    place = await place_at(server)
    await looked(place, server)
    server.put(*map(mail, range(3, 160)), date="01-Nov-2030 10:00:00 +0000")
    another.mails, another.dates, another.next = server.mails, server.dates, server.next
    place = await changed(place, port=another.port)
    await looked(place, another)
    assert len(await subjects()) == 160
    assert (await silent())[3:] == [False] * 157


async def test_another_folder_of_an_old_mailbox_is_silent(server: ImapServer) -> None:
    server.put(*map(mail, range(3)))
    place = await changed(await place_at(server), folder="Support")
    await looked(place, server)
    assert await silent() == [True] * 3


async def test_a_first_account_is_silent_up_to_when_it_was_set_up(server: ImapServer) -> None:
    server.put(mail("old"), date=LAST_YEAR)
    server.put(mail("new"))
    place = await place_at(server, configured_at=datetime(2026, 3, 1, tzinfo=UTC))
    await looked(place, server)
    assert await silent() == [True, False]


@pytest.mark.parametrize("seen", [True, False])
async def test_restored_from_a_backup(server: ImapServer, seen: bool) -> None:
    """Told by UIDNEXT, or, where it has passed our checkpoint meanwhile, by what would be swept."""
    server.put(*map(mail, range(10)))
    place = await place_at(server)
    await looked(place, server)
    await imported()
    for uid in range(6, 11):
        del server.mails[uid]
    server.next = 6
    server.put(*(mail(f"new {one}") for one in range(3 if seen else 7)))
    if seen:
        assert await swept(place, server) == 0
        assert len(server.mails) == 8
    else:
        assert (await looked(place, server)).kept == 2
        assert await swept(place, server) == 0
        assert len(server.mails) == 12
    assert (await looked(place, server)).kept == (3 if seen else 5)
    found = {one for one in await subjects() if one.startswith("new")}
    assert len(found) == (3 if seen else 7)
    await imported()
    await swept(place, server)
    assert {mail(one) for one in range(5)} <= set(server.mails.values())


async def test_nothing_is_deleted_that_is_not_the_rows_mail(server: ImapServer) -> None:
    server.put(mail(0), b"Subject: without an id\r\n\r\nx", b"Subject: too\r\n\r\ny")
    place = await place_at(server)
    await looked(place, server)
    await imported()
    server.mails[2] = b"Subject: another one\r\n\r\nlonger than that"
    assert await swept(place, server) == 2
    assert list(server.mails) == [2]
    assert await swept(place, server) == 0


async def test_renumbered_without_a_word_of_uidnext(server: ImapServer) -> None:
    server.says_uidnext = False
    server.put(*map(mail, range(20)), date="01-Jan-2021 10:00:00 +0000")
    server.put(*map(mail, range(20, 120)))
    place = await place_at(server)
    await looked(place, server)
    server.uidvalidity = 2
    assert (await looked(place, server)).kept == 0
    folder = await MailFolder.get()
    assert (folder.generation, folder.baseline_until, folder.last_uid) == (1, 120, 120)


async def test_a_uidnext_that_never_moves_is_no_backup(server: ImapServer) -> None:
    server.instead["EXAMINE"] = lambda _, tag: (
        f"* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK\r\n".encode()
    )
    server.put(*map(mail, range(3)))
    place = await place_at(server)
    for _ in range(3):
        await looked(place, server)
    server.put(mail(3))
    await looked(place, server)
    assert await subjects() == ["0", "1", "2", "3"]
    assert (await MailFolder.get()).generation == 0


async def test_a_large_mail_is_told_again(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail.keeping.LARGEST", 10)
    server.put(mail(0))
    place = await place_at(server)
    await looked(place, server)
    server.uidvalidity = 2
    assert (await looked(place, server)).kept == 0
