"""From a real Dovecot into rows: each mail once, whatever happens in between."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.unit_of_work import unit_of_work
from mail import inbound, keeping, leases, sweep
from mail.credentials import Password
from mail.imap import Imap
from mail.inbound import Place, look
from mail.wire import Gone
from models.mail_enums import InboundState, MailDirection, MailSecurity
from models.mailboxes import Mailbox, MailFolder, MailServer
from models.mails import InboundMail, RawMail
from tests.mail import boxes
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot

USERS = [f"box{number}@example.test" for number in range(40)]
_unused = iter(USERS)
pytestmark = pytest.mark.usefixtures("database")


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot(USERS) as running:
        yield running


def mail(number: int, body: str = "words", more: str = "") -> bytes:
    return (
        f"From: a@b.example\nSubject: {number}\nMessage-ID: <{number}@b>\n{more}\n{body} {number}"
    ).encode()


async def place_at(server: Dovecot, user: str, **columns: Any) -> Place:
    box = await boxes.mailbox(user, imap_port=server.port)
    if columns:
        await MailServer.filter(mailbox_id=box.id).update(**columns)
    row = await MailServer.get(mailbox_id=box.id, direction=MailDirection.IN)
    assert await leases.take(row.id, "me")
    return Place(box, row, "me")


@asynccontextmanager
async def connected(place: Place, server: Dovecot) -> AsyncGenerator[Imap]:
    client = await Imap.connect("127.0.0.1", place.server.port, MailSecurity.NONE, server.context)
    try:
        await client.sign_in(Password(place.mailbox.address, PASSWORD))
        yield client
    finally:
        client.close()


async def looked(place: Place, server: Dovecot) -> int:
    async with connected(place, server) as client:
        return (await look(client, place, lambda: None)).kept


async def rows(place: Place) -> list[InboundMail]:
    return await InboundMail.filter(mailbox_id=place.mailbox.id).order_by("id")


async def test_the_last_hundred_first_then_what_is_new(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(one) for one in range(131)])
    place = await place_at(server, user)
    assert await looked(place, server) == 100
    assert [one.subject for one in await rows(place)] == [str(one) for one in range(31, 131)]
    assert await looked(place, server) == 0
    server.put(user, [mail(one) for one in range(131, 141)])
    assert await looked(place, server) == 10
    found = await rows(place)
    assert len(found) == 110
    assert {one.state for one in found} == {InboundState.RECEIVED}
    assert found[-1].sender == "a@b.example"
    raw = await RawMail.get(sha256=found[-1].raw_sha256)
    assert raw.content == mail(140).replace(b"\n", b"\r\n")


async def test_what_is_older_than_the_mailbox_is_silent(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(1)])
    place = await place_at(server, user)
    await Mailbox.filter(id=place.mailbox.id).update(
        created_at=datetime.now(UTC) + timedelta(minutes=5)
    )
    place = Place(await Mailbox.get(id=place.mailbox.id), place.server, "me")
    await looked(place, server)
    assert [one.silent for one in await rows(place)] == [True]


async def test_a_mail_too_large_is_noted_and_the_next_one_kept(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 10_000)
    user = next(_unused)
    place = await place_at(server, user)
    await looked(place, server)
    server.put(user, [mail(1, "x" * 20_000), mail(2)])
    assert await looked(place, server) == 2
    large, small = await rows(place)
    assert (large.state, large.raw_sha256, large.subject) == (InboundState.TOO_LARGE, "", "1")
    assert large.size > 20_000
    assert "10,000" in large.reason
    assert small.state is InboundState.RECEIVED


async def test_renumbered_it_finds_what_it_has_and_leaves_what_is_older(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(one) for one in range(105)])
    place = await place_at(server, user)
    await looked(place, server)
    await MailFolder.filter(mailbox_id=place.mailbox.id).update(
        baseline_at=datetime.now(UTC) - timedelta(days=1)
    )
    server.renumber(user, 777)
    server.put(user, [mail(500)])
    # Five were older than the hundred, but not than the baseline set above.
    assert await looked(place, server) == 6
    assert len(await rows(place)) == 106
    assert await looked(place, server) == 0
    await MailFolder.filter(mailbox_id=place.mailbox.id).update(
        baseline_at=datetime.now(UTC) + timedelta(days=1)
    )
    server.renumber(user, 778)
    assert await looked(place, server) == 0, "all of it is older than the baseline"
    server.put(user, [mail(501)])
    assert await looked(place, server) == 1, "what comes later is ours whatever its date"


async def test_same_id_with_other_words_is_another_mail(server: Dovecot) -> None:
    user = next(_unused)
    place = await place_at(server, user)
    await looked(place, server)
    server.put(user, [mail(1, "one"), mail(1, "two"), mail(1, "one")])
    assert await looked(place, server) == 3
    assert len({one.raw_sha256 for one in await rows(place)}) == 2


async def test_without_a_lease_nothing_is_written(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(1)])
    place = await place_at(server, user)
    await leases.leave(place.server.id, "me")
    assert await leases.take(place.server.id, "another")
    with pytest.raises(leases.LeaseLost):
        await looked(place, server)
    assert await rows(place) == []


async def test_no_such_folder_is_said(server: Dovecot) -> None:
    place = await place_at(server, next(_unused), folder="Nowhere")
    with pytest.raises(Gone, match="Nowhere"):
        await looked(place, server)


async def test_imported_again_from_a_date(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(one) for one in range(130)])
    place = await place_at(server, user)
    await looked(place, server)
    await MailFolder.filter(mailbox_id=place.mailbox.id).update(
        reimport_since=datetime.now(UTC) - timedelta(days=2)
    )
    assert await looked(place, server) == 30
    folder = await MailFolder.get(mailbox_id=place.mailbox.id)
    assert folder.reimport_since is None
    assert (folder.reimport_done, folder.reimport_total) == (30, 30), "what is here is not counted"
    assert len({one.uid for one in await rows(place)}) == 130


async def test_sweeps_what_is_imported_and_nothing_else(server: Dovecot) -> None:
    user = next(_unused)
    place = await place_at(server, user)
    await looked(place, server)
    server.put(user, [mail(one) for one in range(6)])
    await looked(place, server)
    states = [InboundState.IMPORTED, InboundState.FAILED, InboundState.RECEIVED,
              InboundState.TOO_LARGE, InboundState.DUPLICATE, InboundState.IGNORED]  # fmt: skip
    for one, state in zip(await rows(place), states, strict=True):
        await InboundMail.filter(id=one.id).update(state=state)
    async with connected(place, server) as client:
        assert await sweep.sweep(client, place) == 3
        assert await sweep.sweep(client, place) == 0
        await client.open("INBOX")
        assert await client.uids() == [2, 3, 4]
    server.renumber(user, 99)
    await InboundMail.filter(mailbox_id=place.mailbox.id).update(
        state=InboundState.IMPORTED, removed_at=None
    )
    async with connected(place, server) as client:
        assert await sweep.sweep(client, place) == 0, "renumbered: these numbers are others' now"
    assert server.count(user) == 3


async def test_69_crashes_lose_nothing_and_double_nothing(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """131 mails, a crash at every kind of step: the last hundred once each; ten more: 110."""
    user = next(_unused)
    server.put(user, [mail(one) for one in range(131)])
    place = await place_at(server, user, delete_after_import=True)
    chance = random.Random(7)  # noqa: S311
    crashes = Crashes(chance, 69)
    crashes.around(monkeypatch, Imap, "fetch")
    crashes.around(monkeypatch, Imap, "facts")
    crashes.around(monkeypatch, Imap, "uids")
    crashes.around(monkeypatch, Imap, "remove")
    crashes.around(monkeypatch, Imap, "_must")
    crashes.around(monkeypatch, keeping, "_row")
    crashes.around(monkeypatch, inbound, "unit_of_work")
    crashes.around(monkeypatch, keeping, "unit_of_work")
    crashes.around(monkeypatch, sweep, "_note")

    async def import_all() -> None:
        """The second transaction's part: each row once, into its state."""

        async def do(id: int) -> None:
            crashes.perhaps()
            changed = await InboundMail.filter(id=id, state=InboundState.RECEIVED).update(
                state=InboundState.IMPORTED
            )
            crashes.perhaps()
            imported.extend([id] * changed)

        for one in await InboundMail.filter(state=InboundState.RECEIVED).order_by("id"):
            await unit_of_work(lambda one=one: do(one.id))
            crashes.perhaps()

    imported: list[int] = []

    async def round_() -> None:
        async with connected(place, server) as client:
            await look(client, place, lambda: None)
            await import_all()
            await sweep.sweep(client, place)

    await until_done(round_, crashes)
    found = await rows(place)
    assert [one.subject for one in found] == [str(one) for one in range(31, 131)]
    assert sorted(set(imported)) == [one.id for one in found]
    server.put(user, [mail(one) for one in range(131, 141)])
    await until_done(round_, crashes)
    found = await rows(place)
    assert len(found) == 110
    assert len({one.message_id for one in found}) == 110
    assert {one.state for one in found} == {InboundState.IMPORTED}
    assert all(one.removed_at for one in found)
    assert server.count(user) == 31, "what was never imported was never deleted"
    assert crashes.left == 0


class Crashes:
    """Ends the process before or after a step, so many times."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.left = count
        self._chance = chance

    def perhaps(self) -> None:
        if self.left and self._chance.random() < 0.08:
            self.left -= 1
            raise Crash

    def around(self, patch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        step: Callable[..., Awaitable[Any]] = getattr(owner, name)

        async def crashing(*given: Any, **named: Any) -> Any:
            self.perhaps()
            result = await step(*given, **named)
            self.perhaps()
            return result

        patch.setattr(owner, name, crashing)


async def until_done(round_: Callable[[], Awaitable[None]], crashes: Crashes) -> None:
    """Begin anew after each crash, until a whole round goes through."""
    for _ in range(500):
        try:
            await round_()
        except Crash:
            await asyncio.sleep(0)
            continue
        if crashes.left == 0 or not crashes._chance.random() < 0.9:
            return
    raise AssertionError("never done")
