"""Mails a server cannot give out: noted, left behind, and fetched again when somebody says so."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from mail import keeping
from mail.losses import Passed
from mail.wire import Busy, Lost
from models.mail_enums import InboundState
from models.mailboxes import MailFolder
from models.mails import InboundMail, RawMail
from tests.mail import test_fetching as fetching
from tests.mail.dovecot import Dovecot, dovecot
from tests.mail.imap_server import ImapServer, imap_server
from tests.mail.test_imap_refusals import begun, looked, mail, subjects

pytestmark = pytest.mark.usefixtures("database")
USERS = [f"poison{number}@example.test" for number in range(2)]
_unused = iter(USERS)


@pytest.fixture
async def server() -> AsyncGenerator[ImapServer]:
    async with imap_server() as one:
        yield one


@pytest.fixture(scope="module")
def dove() -> Iterator[Dovecot]:
    with dovecot(USERS) as running:
        yield running


@pytest.mark.parametrize("command", ["UID FETCH 3 (UID INTERNALDATE BODY", "UID FETCH"])
@pytest.mark.parametrize("words", ["", "NO [SERVERBUG] Internal error"])
async def test_a_poison_mail_blocks_nothing(server: ImapServer, command: str, words: str) -> None:
    """The whole batch fails, or the mail itself; it is noted, and the others come."""
    place = await begun(server)
    server.refuse(command, words, uid=3)
    passed = 0
    for _ in range(6):
        try:
            await looked(place, server)
        except Passed:
            passed += 1
        except Lost:
            continue
    assert passed == 1
    found = {one.uid: one for one in await InboundMail.all()}
    assert [one.subject for one in found.values()] == ["0", "1", "", "3"]
    row = found[3]
    assert (row.state, row.raw_sha256) == (InboundState.FAILED, "")
    assert row.next_try is not None, "by itself, in an hour"
    assert (words[3:] or "closed the line") in row.reason
    folder = await MailFolder.get()
    assert (folder.last_uid, folder.losses) == (4, 0)


async def test_a_busy_server_is_no_poison(server: ImapServer) -> None:
    place = await begun(server)
    server.refuse("UID FETCH", "NO [UNAVAILABLE] Server busy", times=8)
    for _ in range(8):
        with pytest.raises(Busy):
            await looked(place, server)
    await looked(place, server)
    assert await subjects() == ["0", "1", "2", "3"]


async def test_an_error_of_ours_at_one_mail(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await begun(server)
    head_of = keeping.head_of

    def broken(raw: bytes) -> object:
        if b"Subject: 2" in raw:
            raise RuntimeError("a fault of ours")
        return head_of(raw)

    monkeypatch.setattr(keeping, "head_of", broken)
    await looked(place, server)
    assert await subjects() == ["0", "1", "", "3"]
    assert {one.state for one in await InboundMail.all()} == {InboundState.RECEIVED}


async def test_retried_a_mail_without_bytes_is_fetched(server: ImapServer) -> None:
    place = await begun(server)
    server.refuse("UID FETCH", "NO [SERVERBUG] Internal error", uid=3)
    for _ in range(6):
        try:
            await looked(place, server)
        except Lost:
            continue
    await InboundMail.filter(uid=3).update(attempts=0)
    with pytest.raises(Lost):
        await looked(place, server)
    row = await InboundMail.get(uid=3)
    assert (row.state, row.attempts) == (InboundState.FAILED, 4)
    server.instead.clear()
    await InboundMail.filter(uid=3).update(attempts=0)
    assert (await looked(place, server)).kept == 1
    row = await InboundMail.get(uid=3)
    assert (row.state, row.subject, row.reason) == (InboundState.RECEIVED, "2", "")
    assert (await RawMail.get(sha256=row.raw_sha256)).content == mail(2)
    await InboundMail.filter(uid=3).update(attempts=0, raw_sha256="", state=InboundState.FAILED)
    del server.mails[3]
    await looked(place, server)
    assert "not on the server" in (await InboundMail.get(uid=3)).reason


async def test_a_file_dovecot_cannot_read(dove: Dovecot) -> None:
    """`FETCH failed: Internal error`, and the line is cut: time and again."""
    user = next(_unused)
    dove.put(user, [fetching.mail(0)])
    place = await fetching.place_at(dove, user)
    await fetching.looked(place, dove)
    dove.put(user, [fetching.mail(one) for one in range(1, 4)])
    bad = sorted((dove.maildir(user) / "new").iterdir())[1]
    bad.chmod(0)
    for _ in range(7):
        try:
            await fetching.looked(place, dove)
        except Lost:
            continue
    found = await fetching.rows(place)
    assert len(found) == 4
    assert sorted(one.subject for one in found)[:2] == ["", "0"]


async def test_a_reimport_passes_what_was_left_behind(server: ImapServer) -> None:
    place = await begun(server, 3)
    server.refuse("UID FETCH", "NO cannot parse this one", uid=3)

    async def to_the_end() -> None:
        for _ in range(12):
            try:
                await looked(place, server)
            except Lost:
                continue
            return
        pytest.fail("it does not end")

    await to_the_end()
    (behind,) = await InboundMail.filter(state=InboundState.FAILED)
    assert behind.uid == 3
    since = datetime(2026, 1, 1, tzinfo=UTC)
    await MailFolder.all().update(reimport_since=since)
    await to_the_end()
    assert (await MailFolder.get()).reimport_since is None


async def test_what_was_left_behind_is_asked_for_again(server: ImapServer) -> None:
    place = await begun(server, 1)
    server.refuse("UID FETCH", "NO cannot parse this one", uid=2)
    for _ in range(4):
        with suppress(Lost):
            await looked(place, server)
    (behind,) = await InboundMail.filter(state=InboundState.FAILED)
    assert behind.next_try is not None
    server.instead.clear()
    await looked(place, server)
    assert (await InboundMail.get(id=behind.id)).state is InboundState.FAILED, "not yet"
    past = datetime(2026, 1, 1, tzinfo=UTC)
    await InboundMail.filter(id=behind.id).update(next_try=past)
    await looked(place, server)
    after = await InboundMail.get(id=behind.id)
    assert (after.state, after.next_try) == (InboundState.RECEIVED, None)
