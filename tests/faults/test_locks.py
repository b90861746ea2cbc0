"""Who holds the lock, when a hundred want it, when its holder freezes, when clocks are wrong."""

import asyncio
import signal
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from models.desk import Desk
from tests.app.program import within
from tests.faults.chance import sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log
from tests.faults.screen import OWN_VIEW
from tests.faults.shifted import shifted
from tests.support.site import Client

HELD = "... on ReplyLockHeld { lock { token expiresAt operator { name } } }"
LOCKED = "... on TicketLocked { lock { operator { name } } }"
LOST = "... on LockLost { holder { operator { name } } }"
REPLIED = "... on TicketReplied { reply { number } }"
LEASE_S = 4
Answer = dict[str, Any]
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


async def acquire(client: Client, id: str) -> Answer:
    return await client.do("replyLockAcquire", f"{HELD} {LOCKED}", ticketId=id)


async def reply(client: Client, id: str, token: str | None = None) -> Answer:
    return await client.do(
        "ticketReply", f"{LOCKED} {LOST}", ticketId=id, body="<p>Ecco</p>", lockToken=token
    )


async def reply_in_time(client: Client, id: str) -> None:
    """As soon as the lock of another is over; it is not given back."""
    while (done := await reply(client, id))["__typename"] == "TicketLocked":  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    assert done["__typename"] == "TicketReplied", done


async def shorten(desk: Installation) -> None:
    """Leases that a test can wait for."""

    async def do() -> None:
        await Desk.filter(id=1).update(lock_lease_s=LEASE_S, lock_grace_s=1)

    await asyncio.to_thread(within, desk.database_url, do)


@pytest.mark.xdist_group("three")
async def test_a_hundred_operators_acquire_at_once(found: Found) -> None:
    """One wins, and all others are told of the same."""
    desk = await found(3)
    for _ in range(sized(20, 2)):
        id = await desk.ticket()
        clients = await desk.watch(id, [*STAFF[:4], "mario"])
        await all_live(clients)
        people = [desk.person(name, n % len(desk.servers)) for n, name in enumerate(STAFF)]
        answers = await asyncio.gather(*(acquire(one, id) for one in people))
        held = [one["lock"] for one in answers if one["__typename"] == "ReplyLockHeld"]
        assert Counter(one["__typename"] for one in answers) == {
            "ReplyLockHeld": 1,
            "TicketLocked": len(STAFF) - 1,
        }
        assert {one["lock"]["operator"]["name"] for one in answers} == {held[0]["operator"]["name"]}
        await assert_log(desk.seat, id, clients, 1)


async def test_the_lease_runs_out_and_another_replies(found: Found) -> None:
    """Whoever was away for longer than the lease has lost the lock, whatever they believe."""
    desk = await found(2)
    await shorten(desk)
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[2:5], "mario"])
    clients += await desk.watch(id, ["bruno"], OWN_VIEW)
    await all_live(clients)
    first, second = desk.person(STAFF[0]), desk.person(STAFF[1], len(desk.servers) - 1)
    token = (await acquire(first, id))["lock"]["token"]
    assert (await reply(second, id))["__typename"] == "TicketLocked"
    await reply_in_time(second, id)
    late = await reply(first, id, token)
    assert (late["__typename"], late["holder"]) == ("LockLost", None)
    await assert_log(desk.seat, id, clients, 2)


@on_postgres
async def test_the_holder_freezes_with_a_reply_on_its_way(found: Found) -> None:
    """Their process stands still past the lease, with the reply in it, and then goes on."""
    desk = await found(2)
    await shorten(desk)
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[2:5], "mario"], hosts=[desk.servers[1].host])
    # The holder's own feed is at the process that will freeze: it renews the lock until then.
    clients += await desk.watch(id, [STAFF[0]], OWN_VIEW, hosts=[desk.servers[0].host])
    await all_live(clients)
    first, second = desk.person(STAFF[0], 0), desk.person(STAFF[1], 1)
    token = (await acquire(first, id))["lock"]["token"]
    desk.servers[0].signal(signal.SIGSTOP)
    try:
        sent = asyncio.create_task(reply(first, id, token))
        await reply_in_time(second, id)
        assert not sent.done()
    finally:
        desk.servers[0].signal(signal.SIGCONT)
    late = await sent
    assert (late["__typename"], late["holder"]) == ("LockLost", None)
    assert (await reply(first, id))["__typename"] == "TicketReplied"
    await assert_log(desk.seat, id, clients, 3)


@on_postgres
@pytest.mark.xdist_group("three")
async def test_clocks_are_ten_minutes_wrong(found: Found) -> None:
    """Leases and sessions go by the clock of the database, whatever the processes believe."""
    desk = await found(1)
    await shorten(desk)
    for minutes in (-10, 10):
        await desk.add(1, shifted(desk.program, minutes * 60))
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[2:8], "mario", "anna"])
    clients += await desk.watch(id, ["bruno", STAFF[8]], OWN_VIEW)
    await all_live(clients)
    for one in range(3):
        # Everywhere the lock is as good: it holds others off until the lease is over.
        first = desk.person(STAFF[0], one)
        token = (await acquire(first, id))["lock"]["token"]
        for other in range(3):
            answer = await reply(desk.person(STAFF[1], other), id)
            assert answer["__typename"] == "TicketLocked", (one, other)
        elsewhere = seat_at(desk, first, (one + 1) % 3)
        assert (await reply(elsewhere, id, token))["__typename"] == "TicketReplied"
        # And no longer.
        token = (await acquire(first, id))["lock"]["token"]
        second = desk.person(STAFF[1], (one + 2) % 3)
        await reply_in_time(second, id)
        assert (await reply(first, id, token))["__typename"] == "LockLost"
    await assert_log(desk.seat, id, clients, 7)
    assert not any(one.codes for one in clients), "a session that is in force was taken for over"


def seat_at(desk: Installation, client: Client, server: int) -> Client:
    """The same session at another server."""
    at = desk.servers[server]
    return replace(client, http=at.http, host=at.host)
