"""Whatever happens to tabs, hints, processes and Redis: afterwards all processes say the same."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from realtime.tabs import Sight, Tab
from tests.realtime.processes import (
    IDLE,
    REPLYING,
    VIEWING,
    Installation,
    Process,
    installation,
)
from tests.support.redis_server import RedisServer, until

TICKETS, HOLDER = (1, 2, 3), 4
TURNS = 150
DEEDS = {"enter": 8, "leave": 6, "look": 4, "idle": 5, "out": 2, "end": 1}
KILLS, STARTS = (50, 100), (70, 101)
"""Redis is away for twenty turns, and for one."""

Seen = list[tuple[int, str, int]]
"""Operators, what they do, and since when."""


@dataclass
class Model:
    """What is true: every tab, as a single process would know it."""

    sights: dict[Tab, Sight] = field(default_factory=dict[Tab, Sight])
    where: dict[Tab, Process] = field(default_factory=dict[Tab, Process])

    def enter(self, process: Process, ticket_id: int, operator_id: int, session_id: int) -> None:
        tab = process.presence.enter(ticket_id, operator_id, session_id)
        self.where[tab], self.sights[tab] = process, Sight.OPEN

    def leave(self, tab: Tab) -> None:
        del self.sights[tab]
        self.where.pop(tab).presence.leave(tab)

    def say(self, ticket_id: int, operator_id: int, session_id: int | None, sight: Sight) -> None:
        for tab in self.sights:
            meant = (tab.ticket_id, tab.operator_id) == (ticket_id, operator_id)
            if meant and session_id in (None, tab.session_id):
                self.sights[tab] = sight

    def die(self, process: Process) -> None:
        for tab in [tab for tab, where in self.where.items() if where is process]:
            del self.sights[tab], self.where[tab]

    def viewers(self, ticket_id: int) -> Seen:
        found: dict[int, list[Tab]] = defaultdict(list)
        for tab, sight in self.sights.items():
            if tab.ticket_id == ticket_id and sight is not Sight.LEFT:
                found[tab.operator_id].append(tab)
        viewers: Seen = []
        for operator_id, tabs in found.items():
            idle = all(self.sights[tab] is Sight.IDLE for tab in tabs)
            state = REPLYING if operator_id == HOLDER else IDLE if idle else VIEWING
            viewers.append((operator_id, state, min(tab.entered for tab in tabs)))
        return sorted(viewers, key=lambda one: (one[2], one[0]))


@dataclass
class Story:
    """What happens, at random."""

    desk: Installation
    dice: random.Random
    model: Model = field(default_factory=Model)

    async def begin(self) -> None:
        """One more process, which loses half of the hints."""
        await self.desk.process(*TICKETS, loses=0.5)

    async def turn(self) -> None:
        """Somebody does something."""
        process = self.dice.choice(self.desk.running)
        ticket, operator = self.dice.choice(TICKETS), self.dice.randint(1, 4)
        session = 10 * operator + self.dice.randint(0, 1)
        (deed,) = self.dice.choices([*DEEDS], [*DEEDS.values()])
        if deed == "enter":
            self.model.enter(process, ticket, operator, session)
        elif deed == "leave" and self.model.where:
            self.model.leave(self.dice.choice([*self.model.where]))
        elif deed in ("look", "idle"):
            process.presence.set_state(ticket, operator, session, idle=deed == "idle")
            sight = Sight.IDLE if deed == "idle" else Sight.OPEN
            self.model.say(ticket, operator, session, sight)
        elif deed == "out":
            process.presence.step_out(ticket, operator)
            self.model.say(ticket, operator, None, Sight.LEFT)
        elif deed == "end" and process.presence.known:
            await self.end(process)
        await asyncio.sleep(self.dice.random() / 20)

    async def end(self, process: Process) -> None:
        """A process is killed or stopped, after a while: what it said last goes with it."""
        await asyncio.sleep(1)
        await self.dice.choice([self.desk.kill, self.desk.stop])(process)
        self.model.die(process)
        await self.begin()

    def wrong(self) -> dict[object, tuple[Seen, Seen]]:
        """By process and ticket: what is said, and what is true."""
        return {
            (number, ticket): (said, true)
            for ticket in TICKETS
            for number, process in enumerate(self.desk.running)
            if (said := seen(process, ticket)) != (true := self.model.viewers(ticket))
        }


def seen(process: Process, ticket_id: int) -> Seen:
    return [
        (one.operator_id, one.state.value, round(one.since.timestamp() * 1_000_000))
        for one in process.presence.viewers(ticket_id, HOLDER)
    ]


@pytest.mark.parametrize("seed", range(4))
async def test_after_anything_all_say_the_same(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Then there is peace for as long as it takes."""
    for name in ("BEAT_S", "SWEEP_HEALTHY_S", "TRUST_AFTER_S", "TICK_S"):
        monkeypatch.setattr(f"realtime.exchange.{name}", 0.2)
    monkeypatch.setattr("realtime.backends.redis_board.LEASE_S", 3)
    dice = random.Random(seed)  # noqa: S311
    async with installation(server.url, seed=seed) as desk:
        story = Story(desk, dice)
        for _ in range(3):
            await story.begin()
        for turn in range(TURNS):
            await story.turn()
            if turn in KILLS:
                server.kill()
            if turn in STARTS:
                server.start()
        await until(lambda: not story.wrong(), lambda: f"seed {seed}: {story.wrong()}")
        onlooker = await desk.process()
        asked = [(ticket, HOLDER) for ticket in TICKETS]
        looked_up = await onlooker.presence.viewers_of(asked)
        assert looked_up == [desk.running[0].presence.viewers(*one) for one in asked]
