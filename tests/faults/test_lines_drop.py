"""Lines that are cut, again and again, wherever a feed stands."""

import asyncio
from collections.abc import Callable

from tests.faults.chance import dice, sized
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF
from tests.faults.oracle import all_live, assert_log
from tests.faults.resuming import Resuming
from tests.faults.screen import OWN_VIEW
from tests.faults.writer import Writer

WATCHING = [*STAFF[:3], "mario", "anna"]


async def test_each_is_away_two_seconds_of_five(found: Found) -> None:
    desk = await found(2)
    id = await desk.ticket()
    clients = await desk.watch(id, [*WATCHING, *WATCHING])
    clients += await desk.watch(id, ["bruno", "anna"], OWN_VIEW)
    await all_live(clients)
    chance = dice("away")
    writers = [Writer(desk.person(name), id, dice(name)) for name in ("mario", *STAFF[3:5])]
    writing = asyncio.gather(*(one.posts(sized(200, 20), 0.5) for one in writers))
    while not writing.done():
        for one in clients:
            if chance.random() < 0.06:
                one.hold()
                one.drop()
                asyncio.get_running_loop().call_later(2, one.release)
        await asyncio.sleep(0.3)
    await writing
    for one in clients:
        one.release()
    await all_live(clients)
    await assert_log(desk.seat, id, clients, 1 + sum(len(one.written) for one in writers))
    assert sum(one.connects for one in clients) > 2 * len(clients), "nobody was away"


async def test_at_every_boundary(found: Found) -> None:
    """Of subscribe, replay and live: they are cut off at the first, the next, the one after.

    30 entries are missed at first: two pages of a replay.
    """
    desk = await found(2)
    id = await desk.ticket()
    clients = await desk.watch(id, [*STAFF[:4], "mario", "anna"])
    clients += await desk.watch(id, ["bruno"], OWN_VIEW)
    await all_live(clients)
    for one in clients:
        one.hold()
        one.drop()
    writer = Writer(desk.person("mario"), id, dice("mario"))
    await writer.posts(30)
    for one in clients:
        one.cuts = _after_one_more_each_time()
        one.release()
    while not all(one.connects >= sized(120, 12) for one in clients):
        await writer.post()
    # Held up no more, they go on from wherever that has left them.
    for one in clients:
        one.cuts = lambda _boundary: False
    await writer.posts(2)
    await all_live(clients)
    await assert_log(desk.seat, id, clients, 1 + len(writer.written))


def _after_one_more_each_time() -> Callable[[str], bool]:
    """At the first boundary of the first line, the second of the second, and so on."""
    cuts, passed = 0, 0

    def cut(boundary: str) -> bool:
        nonlocal cuts, passed
        passed = 0 if boundary == "opened" else passed + 1
        if passed < cuts:
            return False
        cuts += 1
        return True

    return cut


async def test_all_come_back_at_once(found: Found) -> None:
    desk = await found(2)
    ids = [await desk.ticket() for _ in range(3)]
    clients: dict[str, list[Resuming]] = {}
    for number, id in enumerate(ids):
        names = [STAFF[n % 20] for n in range(number, sized(1000, 120), len(ids))]
        clients[id] = await desk.watch(id, names)
    everybody = [one for some in clients.values() for one in some]
    await all_live(everybody)
    for one in everybody:
        one.hold()
        one.drop()
    for id in ids:
        await Writer(desk.person("mario"), id, dice(id)).posts(4)
    for one in everybody:
        one.release()
    await all_live(everybody)
    for id in ids:
        await assert_log(desk.seat, id, clients[id], 5)
    assert not any(set(one.codes) - {1006} for one in everybody)


async def test_the_first_come_all_at_once(found: Found) -> None:
    """To processes that nobody has watched anything at; the first hints come meanwhile."""
    desk = await found(2)
    id = await desk.ticket()
    writer = Writer(desk.person("mario"), id, dice("mario"))
    writing = asyncio.create_task(writer.posts(10))
    clients = await desk.watch(id, [STAFF[n % 20] for n in range(sized(200, 100))])
    await writing
    await all_live(clients)
    await writer.posts(3)
    await assert_log(desk.seat, id, clients, 14)
    assert not any(one.codes for one in clients)
