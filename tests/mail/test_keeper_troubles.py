"""What a mailbox's state says when its server, or the desk, does not do its part."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from mail import keeper as keepers, keeping as fetching
from models.mail_enums import InboundState, MailboxState
from models.mailboxes import Mailbox, MailServer
from models.mails import InboundMail
from models.sql import clock
from tests.mail import boxes
from tests.mail.imap_server import ImapServer, imap_server
from tests.mail.test_imap_refusals import mail
from tests.mail.test_keeper import incoming, keeping, until

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def server() -> AsyncGenerator[ImapServer]:
    async with imap_server() as one:
        yield one


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(keepers, "BACK_OFF_S", (0.05, 0.1))


async def a_box(server: ImapServer, number: int = 0) -> Mailbox:
    return await boxes.mailbox(f"x{number}@example.test", imap_port=server.port)


async def has(count: int) -> bool:
    return await InboundMail.all().count() == count


async def test_a_sign_in_refused_for_now_is_tried_again(server: ImapServer) -> None:
    server.put(mail(0))
    server.refuse("LOGIN", "NO [UNAVAILABLE] Temporary authentication failure.", times=4)
    box = await a_box(server)
    async with keeping(idlers=0, poll_every_s=0.1):
        await until(lambda: has(1))
        assert (await incoming(box)).state is not MailboxState.BLOCKED


@pytest.mark.parametrize("refusal", ["", "NO [READ-ONLY] no"])
async def test_a_server_that_cannot_delete_is_read_all_the_same(
    server: ImapServer, refusal: str
) -> None:
    server.put(mail(0))
    if refusal:
        server.refuse("UID STORE", refusal)
    else:
        server.capabilities = "IMAP4rev1"
    box = await a_box(server)
    await MailServer.all().update(delete_after_import=True)
    async with keeping(idlers=0, poll_every_s=0.1):
        await until(lambda: has(1))
        await InboundMail.all().update(state=InboundState.IMPORTED)

        async def warned() -> bool:
            return "not deleted" in (await incoming(box)).error

        await until(warned)
        server.put(mail(1))
        await until(lambda: has(2))
        row = await incoming(box)
        assert (row.state, row.failures) == (MailboxState.OK, 0)
        assert sum(one.startswith("SELECT") for one in server.commands) == 1, "not each time"


async def test_an_error_of_ours_is_said(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> bool:
        raise RuntimeError("a fault\x00 of ours")

    monkeypatch.setattr(fetching, "_known", broken)
    monkeypatch.setattr("mail.losses.MOST", 1)
    server.put(mail(0))
    box = await a_box(server)

    async def said() -> bool:
        row = await incoming(box)
        return row.state is MailboxState.UNREACHABLE and "RuntimeError: a fault of" in row.error

    async with keeping(idlers=0, poll_every_s=0.1):
        await until(said)
        assert not await InboundMail.exists(), "no mail is left behind for it"


async def test_odd_numbers_are_said(server: ImapServer) -> None:
    server.uidvalidity = 2**64
    box = await a_box(server)

    async def said() -> bool:
        row = await incoming(box)
        return row.state is MailboxState.UNREACHABLE and str(2**64) in row.error

    async with keeping(idlers=0, poll_every_s=0.1):
        await until(said)


async def test_words_that_cannot_be_stored_are_said_all_the_same(server: ImapServer) -> None:
    server.refuse("LOGIN", "NO wrong\x00 password")
    box = await a_box(server)

    async def said() -> bool:
        row = await incoming(box)
        return row.state is MailboxState.BLOCKED and row.error == "wrong password"

    async with keeping(idlers=0, poll_every_s=0.1):
        await until(said)


@pytest.mark.parametrize("words", ["NO IDLE is not allowed", "OK that was it"])
async def test_a_server_that_does_not_wait_is_polled(server: ImapServer, words: str) -> None:
    server.capabilities = "IMAP4rev1 IDLE"
    server.refuse("IDLE", words)
    server.put(mail(0))
    await a_box(server)

    async def asked() -> bool:
        return "IDLE" in server.commands

    async with keeping(idlers=5, poll_every_s=0.5):
        await until(asked)
        server.put(mail(1))
        await until(lambda: has(2))
    assert server.commands.count("IDLE") == 1


async def test_no_more_than_so_many_stay(server: ImapServer) -> None:
    server.capabilities = "IMAP4rev1 IDLE"
    made = [await a_box(server, number) for number in range(4)]
    async with keeping(idlers=1, poll_every_s=0.2) as keeper:
        for box in made:
            await MailServer.filter(mailbox_id=box.id).update(last_mail_at=await clock())
            await asyncio.sleep(0.5)
        await until(lambda: _staying(keeper, 1))


async def _staying(keeper: keepers.MailKeeper, most: int) -> bool:
    counts: list[int] = []
    for _ in range(5):
        counts.append(sum(one.task is not None for one in keeper._watched.values()))
        await asyncio.sleep(0.05)
    return min(counts) <= most
