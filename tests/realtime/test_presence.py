"""Viewers of several processes, on a board in memory and on one in Redis."""

from collections.abc import AsyncGenerator, Collection, Sequence

import pytest

from realtime.backends.board import Answer, Notice
from realtime.backends.memory_board import MemoryBoard
from realtime.tabs import Said, Sight, Tab, understood
from tests.realtime.processes import IDLE, REPLYING, VIEWING, Installation, installation
from tests.support.redis_server import RedisServer, until

ANNA, BRUNO = 7, 8


@pytest.fixture(params=["memory", "redis"])
async def desk(request: pytest.FixtureRequest) -> AsyncGenerator[Installation]:
    url = ""
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("server")
        url = server.url
    async with installation(url) as opened:
        yield opened


async def test_two_see_each_other(desk: Installation) -> None:
    one, two = await desk.process(1), await desk.process(1)
    tab = one.presence.enter(1, ANNA, 70)
    assert one.sees() == [(ANNA, VIEWING)]
    await until(lambda: two.sees() == [(ANNA, VIEWING)])
    two.presence.enter(1, BRUNO, 80)
    both = [(ANNA, VIEWING), (BRUNO, VIEWING)]
    await until(lambda: one.sees() == two.sees() == both)
    assert one.sees(holder=BRUNO) == [(ANNA, VIEWING), (BRUNO, REPLYING)]
    assert one.presence.viewers(1, None) == two.presence.viewers(1, None)
    one.changed.clear()
    two.changed.clear()
    one.presence.leave(tab)
    await until(lambda: one.sees() == two.sees() == [(BRUNO, VIEWING)])
    assert set(one.changed) == set(two.changed) == {1}
    assert (one.gone, two.gone) == ([(1, ANNA)], [])


async def test_a_new_feed_begins_with_all_of_them(desk: Installation) -> None:
    one, two = await desk.process(), await desk.process()
    one.presence.enter(1, ANNA, 70)
    await until(lambda: not one.presence._exchange._dirty)
    two.presence.enter(1, BRUNO, 80)
    await two.presence.loaded(1)
    assert two.sees() == [(ANNA, VIEWING), (BRUNO, VIEWING)]


async def test_one_operator_in_two_processes_is_one_viewer(desk: Installation) -> None:
    one, two, three = await desk.process(1), await desk.process(1), await desk.process(1)
    first = one.presence.enter(1, ANNA, 70)
    await until(lambda: three.sees() == [(ANNA, VIEWING)])
    since = three.presence.viewers(1, None)[0].since
    two.presence.enter(1, ANNA, 71)
    await until(lambda: len(three.presence._remote[1].tabs) == 2)
    assert three.presence.viewers(1, None)[0].since == since
    for process in (one, two):
        assert process.sees() == [(ANNA, VIEWING)]
    # Said elsewhere than where the tab is; the other session is not idle.
    three.presence.set_state(1, ANNA, 70, idle=True)
    await until(lambda: first.sight is Sight.IDLE)
    assert three.sees() == [(ANNA, VIEWING)]
    three.presence.set_state(1, ANNA, 71, idle=True)
    assert three.sees() == [(ANNA, IDLE)]
    await until(lambda: one.sees() == two.sees() == [(ANNA, IDLE)])
    one.presence.leave(first)
    await until(lambda: len(three.presence._remote[1].tabs) == 1)
    assert three.presence.viewers(1, None)[0].since > since


async def test_what_is_said_holds_for_tabs_elsewhere(desk: Installation) -> None:
    one, two = await desk.process(1), await desk.process()
    one.presence.enter(1, ANNA, 70)
    one.presence.enter(1, ANNA, 71)
    two.presence.step_out(1, ANNA)
    await until(lambda: one.sees() == [])
    assert await two.looks_up(1) == [[]]
    assert one.presence.has_tab(1, ANNA), "the feeds are still open"
    assert await two.presence.elsewhere(1, ANNA) is True
    two.presence.set_state(1, ANNA, 71, idle=False)
    await until(lambda: one.sees() == [(ANNA, VIEWING)])
    one.presence.step_out(1, ANNA)
    one.presence.enter(1, ANNA, 71)
    await until(lambda: one.sees() == [(ANNA, VIEWING)])


async def test_a_word_is_repeated_until_all_have_heard_it(
    desk: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.exchange.SWEEP_HEALTHY_S", 0.1)
    monkeypatch.setattr("realtime.exchange.TICK_S", 0.1)
    one, two = await desk.process(1, loses=1), await desk.process()
    tab = one.presence.enter(1, ANNA, 70)
    two.presence.set_state(1, ANNA, 70, idle=True)
    await until(lambda: tab.sight is Sight.IDLE)
    monkeypatch.setattr("realtime.presence.SAID_S", 0)
    two.presence.returned()
    await until(lambda: not two.presence._words and not two.presence._exchange._written)


async def test_whoever_stops_takes_its_own_down(desk: Installation) -> None:
    one, two = await desk.process(1), await desk.process(1)
    one.presence.enter(1, ANNA, 70)
    await until(lambda: two.sees() == [(ANNA, VIEWING)])
    await desk.stop(one)
    await until(lambda: two.sees() == [])
    assert await two.presence.elsewhere(1, ANNA) is False


async def test_whoever_dies_is_forgotten(
    desk: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("redis_board", "memory_board"):
        monkeypatch.setattr(f"realtime.backends.{module}.LEASE_S", 3)
    monkeypatch.setattr("realtime.exchange.BEAT_S", 0.5)
    monkeypatch.setattr("realtime.exchange.SWEEP_HEALTHY_S", 0.5)
    monkeypatch.setattr("realtime.exchange.TICK_S", 0.1)
    one, two, three = await desk.process(1), await desk.process(1), await desk.process()
    one.presence.enter(1, ANNA, 70)
    three.presence.enter(1, BRUNO, 80)
    await until(lambda: two.sees() == [(ANNA, VIEWING), (BRUNO, VIEWING)])
    await desk.kill(one)
    assert await two.presence.elsewhere(1, ANNA) is True
    await until(lambda: two.sees() == [(BRUNO, VIEWING)])
    assert await two.presence.elsewhere(1, ANNA) is False
    await until(lambda: three.sees() == [(BRUNO, VIEWING)])


class Counted(MemoryBoard):
    """Counts round trips."""

    trips = 0

    async def exchange(self, notices: Sequence[Notice], tickets: Collection[int]) -> Answer:
        self.trips += 1
        return await super().exchange(notices, tickets)


async def test_a_list_is_one_round_trip() -> None:
    async with installation() as desk:
        board = desk._memory = Counted()
        one, two = await desk.process(5), await desk.process()
        for ticket_id in range(100):
            two.presence.enter(ticket_id, ANNA, 70)
        await until(lambda: one.sees(5) == [(ANNA, VIEWING)])
        await until(lambda: not two.presence._exchange._dirty)
        before = board.trips
        assert await one.looks_up(*range(101)) == [[(ANNA, VIEWING)]] * 100 + [[]]
        assert board.trips == before + 1
        assert await one.looks_up(5) == [[(ANNA, VIEWING)]]
        assert board.trips == before + 1, "what has a feed is known already"


async def test_nothing_is_kept_of_what_is_closed(desk: Installation) -> None:
    one, two = await desk.process(), await desk.process(1)
    for _ in range(3):
        tab = one.presence.enter(1, ANNA, 70)
        await one.presence.loaded(1)
        assert one.sees() == [(ANNA, VIEWING)]
        one.presence.leave(tab)
    await until(lambda: not one.presence._exchange._written)
    presence = one.presence
    kept = (presence._tabs, presence._remote, presence._watching, presence._views)
    assert not any(kept)
    await until(lambda: two.sees() == [])


@pytest.mark.parametrize(
    "member",
    ["", "tab", "tab:a:1:2:3:4:5", "tab:a:1:2:3:4:5:asleep", "tab:a:1:2:x:4:5:open", "said:a:open",
     "said:a:1:2:3:4:open", "word:a:1:2:3:open", "\udcff:\udcfe"],
)  # fmt: skip
def test_nonsense_on_the_board(member: str) -> None:
    assert understood(1, member) is None


def test_a_member_is_what_it_says() -> None:
    tab = Tab(1, "a", 2, 3, 4, 5_000_000, 6, Sight.IDLE)
    assert vars(tab) == vars(understood(1, tab.member) or object())
    assert tab.since.timestamp() == 5
    said = Said("a", 3, 4, Sight.LEFT, 6)
    assert understood(1, said.member) == said


def test_the_latest_word_wins() -> None:
    for order in (1, -1):
        tab = Tab(1, "a", 2, ANNA, 70, 5, 5)
        words = [
            Said("b", ANNA, 70, Sight.IDLE, 7),
            Said("b", ANNA, 0, Sight.LEFT, 6),
            Said("b", ANNA, 70, Sight.OPEN, 5),
            Said("b", ANNA, 71, Sight.OPEN, 8),
            Said("b", BRUNO, 70, Sight.OPEN, 9),
        ]
        for said in words[::order]:
            tab.heed(said)
        assert (tab.sight, tab.at) == (Sight.IDLE, 7)
