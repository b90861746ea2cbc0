"""Mailboxes kept read: by waiting and by looking, one owner for each, through every trouble."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from actions.keys import ring
from mail import keeper as keepers, leases
from mail.keeper import MailKeeper
from models.mail_enums import InboundState, MailboxState, MailDirection
from models.mailboxes import Mailbox, MailServer
from models.mails import InboundMail
from tests.mail import boxes
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot
from tests.mail.test_fetching import mail

USERS = [f"kept{number}@example.test" for number in range(140)]
_unused = iter(USERS)
HANG_S = 40
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot(USERS) as running:
        yield running


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(keepers, "BACK_OFF_S", (0.1, 0.2))


@asynccontextmanager
async def keeping(**more: Any) -> AsyncGenerator[MailKeeper]:
    one = MailKeeper(lambda: None, **more)
    one.start()
    try:
        yield one
    finally:
        await one.stop()


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(HANG_S):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.05)


async def count(box: Mailbox) -> int:
    return await InboundMail.filter(mailbox_id=box.id, state=InboundState.RECEIVED).count()


async def incoming(box: Mailbox) -> MailServer:
    return await MailServer.get(mailbox_id=box.id, direction=MailDirection.IN)


async def state(box: Mailbox) -> MailboxState:
    return (await incoming(box)).state


@pytest.mark.parametrize("idlers", [5, 0])
async def test_new_mail_is_kept_by_waiting_and_by_looking(server: Dovecot, idlers: int) -> None:
    """With nobody to poll soon, what comes at once came by IDLE."""
    every = 300.0 if idlers else 0.2
    users = [next(_unused) for _ in range(3)]
    made = [await boxes.mailbox(one, imap_port=server.port) for one in users]
    for one in users:
        server.put(one, [mail(1)])
    async with keeping(idlers=idlers, pollers=2, poll_every_s=every):
        for box in made:
            await until(lambda box=box: _is(count(box), 1))
        for one in users:
            server.put(one, [mail(2)])
        for box in made:
            await until(lambda box=box: _is(count(box), 2))
            assert await state(box) is MailboxState.OK
            assert (await incoming(box)).last_success_at is not None
    assert not (await incoming(made[0])).lease_owner, "the lease is given back"


async def _is(found: Awaitable[int], wanted: int) -> bool:
    return await found == wanted


async def test_two_keepers_share_and_one_takes_over(
    server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = next(_unused)
    box = await boxes.mailbox(user, imap_port=server.port)
    async with keeping(idlers=5, poll_every_s=0.3) as first:
        await until(lambda: _owner_is(box, first.owner))
        async with keeping(idlers=5, poll_every_s=0.3) as second:
            server.put(user, [mail(one) for one in range(20)])
            await until(lambda: _is(count(box), 20))
            assert await _owner_is(box, first.owner)
            monkeypatch.setattr(leases, "leave", _never_given_back)
            await first.stop()  # like a process that was killed: its lease runs out by itself
            await MailServer.filter(mailbox_id=box.id).update(lease_until=None)
            server.put(user, [mail(99)])
            await until(lambda: _is(count(box), 21))
            assert await _owner_is(box, second.owner)
    rows = await InboundMail.filter(mailbox_id=box.id)
    assert len({one.uid for one in rows}) == 21


async def _never_given_back(_server_id: int, _owner: str) -> None:
    return


async def _owner_is(box: Mailbox, owner: str) -> bool:
    return (await incoming(box)).lease_owner == owner


async def test_refused_credentials_are_tried_once_and_again_when_they_change(
    server: Dovecot,
) -> None:
    user = next(_unused)
    server.put(user, [mail(1)])
    box = await boxes.mailbox(user, imap_port=server.port)
    await MailServer.filter(mailbox_id=box.id).update(secret=ring().encrypt("wrong"))
    async with keeping(idlers=5):
        await until(lambda: _state_is(box, MailboxState.BLOCKED))
        assert "AUTHENTICATIONFAILED" in (await incoming(box)).error
        failures = (await incoming(box)).failures
        await asyncio.sleep(0.8)
        assert (await incoming(box)).failures == failures, "nobody knocks again"
        await MailServer.filter(mailbox_id=box.id).update(
            secret=ring().encrypt(PASSWORD), state=MailboxState.OK
        )
        await until(lambda: _is(count(box), 1))
        await until(lambda: _state_is(box, MailboxState.OK))


async def _state_is(box: Mailbox, wanted: MailboxState) -> bool:
    return await state(box) is wanted


async def test_a_server_away_is_said_and_found_again(server: Dovecot) -> None:
    user = next(_unused)
    server.put(user, [mail(1)])
    box = await boxes.mailbox(user, imap_port=1)
    async with keeping(idlers=5):
        await until(lambda: _state_is(box, MailboxState.UNREACHABLE))
        row = await incoming(box)
        assert "127.0.0.1:1" in row.error
        assert row.retry_at is not None
        await MailServer.filter(mailbox_id=box.id).update(port=server.port)
        await until(lambda: _is(count(box), 1))
        await until(lambda: _state_is(box, MailboxState.OK))


async def test_a_folder_that_goes_and_comes_back(server: Dovecot) -> None:
    user = next(_unused)
    server.maildir(user, "Support")
    box = await boxes.mailbox(user, imap_port=server.port)
    await MailServer.filter(mailbox_id=box.id).update(folder="Support")
    server.put(user, [mail(1)], "Support")
    async with keeping(idlers=5, poll_every_s=0.2):
        await until(lambda: _is(count(box), 1))
        server.doveadm("mailbox", "rename", "-u", user, "Support", "Gone")
        await until(lambda: _state_is(box, MailboxState.UNREACHABLE))
        assert "Support" in (await incoming(box)).error
        server.doveadm("mailbox", "rename", "-u", user, "Gone", "Support")
        server.put(user, [mail(2)], "Support")
        await until(lambda: _is(count(box), 2))


async def test_paused_it_is_left_alone_at_once(server: Dovecot) -> None:
    user = next(_unused)
    box = await boxes.mailbox(user, imap_port=server.port)
    async with keeping(idlers=5, poll_every_s=0.2) as keeper:
        await until(lambda: _owner_is(box, keeper.owner))
        await MailServer.filter(mailbox_id=box.id).update(paused=True)
        await until(lambda: _owner_is(box, ""))
        server.put(user, [mail(1)])
        await asyncio.sleep(0.6)
        assert await count(box) == 0
        await MailServer.filter(mailbox_id=box.id).update(paused=False)
        await until(lambda: _is(count(box), 1))


async def test_a_line_that_breaks_is_taken_up_again(server: Dovecot) -> None:
    user = next(_unused)
    box = await boxes.mailbox(user, imap_port=server.port)
    async with keeping(idlers=5, poll_every_s=300.0) as keeper:
        await until(lambda: _owner_is(box, keeper.owner))
        for number in range(5):
            server.kick(user)
            server.put(user, [mail(number)])
        await until(lambda: _is(count(box), 5))


async def test_forty_mailboxes_and_three_pollers(server: Dovecot) -> None:
    users = [next(_unused) for _ in range(40)]
    made = [await boxes.mailbox(one, imap_port=server.port) for one in users]
    for one in users:
        server.put(one, [mail(1)])
    async with keeping(idlers=2, pollers=3, poll_every_s=1.0):
        for box in made:
            await until(lambda box=box: _is(count(box), 1))
    total = await InboundMail.filter(mailbox_id__in=[one.id for one in made]).count()
    assert total == 40
