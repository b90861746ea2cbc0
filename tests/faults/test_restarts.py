"""Processes that are restarted while everybody works."""

import asyncio
import signal
from dataclasses import replace

import pytest

from app.transport.close_codes import CloseCode
from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.oracle import all_live, assert_log
from tests.faults.screen import OWN_VIEW
from tests.faults.writer import Writer
from tests.support.site import Client


@pytest.mark.xdist_group("three")
async def test_one_after_another(found: Found) -> None:
    """Told to leave or killed: what was answered is in the log, what was not is sent again."""
    desk = await found(3)
    id = await desk.ticket()
    clients = await desk.watch(id, [STAFF[n % 10] for n in range(sized(200, 20))])
    clients += await desk.watch(id, ["mario", "mario", "anna"])
    clients += await desk.watch(id, ["bruno"], OWN_VIEW)
    await all_live(clients)
    chance = dice("who writes where")

    def anywhere(client: Client) -> Client:
        at = chance.choice(desk.servers)
        return replace(client, http=at.http, host=at.host)

    names = ("mario", *STAFF[10:13])
    some = [Writer(desk.person(name), id, dice(name), anywhere) for name in names]
    over = asyncio.Event()
    writing = [asyncio.create_task(one.posts_until(over, 0.2)) for one in some]
    for number, signal_ in enumerate([signal.SIGTERM, signal.SIGKILL] * sized(20, 1)):
        for server in desk.servers if number == 0 else desk.servers[:1]:
            await server.stop(signal_)
            await server.start()
    over.set()
    await asyncio.gather(*writing)
    await all_live(clients)
    written = 1 + sum(len(one.written) for one in some)
    assert written > 1
    await assert_log(desk.seat, id, clients, written)
    assert {code for one in clients for code in one.codes} <= {1006, CloseCode.RESTART}
    assert all(one.codes for one in clients)


@pytest.mark.xdist_group("three")
async def test_two_write_one_ticket_at_three(found: Found) -> None:
    """And everybody, wherever they look, sees one order."""
    desk = await found(3)
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[:9], "mario", "mario", "mario"])
    clients += await desk.watch(id, ["bruno", "anna"], OWN_VIEW)
    await all_live(clients)
    posts = sized(200, 60)
    last = len(desk.servers) - 1
    mario = Writer(desk.person("mario", 0), id, dice("mario"))
    operator = Writer(desk.person(STAFF[20], last), id, dice("operator"))
    await asyncio.gather(mario.posts(posts), operator.posts(posts))
    log = await assert_log(desk.seat, id, clients, 1 + 2 * posts)
    texts = [one["bodyText"] for one in log]
    for writer in (mario, operator):
        theirs = set(writer.written)
        assert [one for one in texts if one in theirs] == writer.written
    assert not any(one.codes for one in clients)
