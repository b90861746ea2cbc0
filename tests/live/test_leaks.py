"""300 feeds begun and left at random moments: nothing stays behind."""

import asyncio
import gc
import random

import pytest

from tests.live.stage import Person, Stage, eventually

CYCLES = 300
SIDE_BY_SIDE = 10


# graphql-core, cancelled at work, leaves coroutines that it made and never awaited.
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
async def test_nothing_stays_behind(stage: Stage) -> None:
    mario = await stage.person("mario")
    id, hidden = await stage.ticket(mario), await stage.ticket(mario, "ISEE")
    hub, presence, keeper = stage.live.hub, stage.live.presence, stage.live.keeper
    dice = random.Random(7)  # noqa: S311
    before = _tasks()

    async def cycle(who: Person, number: int) -> None:
        person = await stage.seat(who.name, who.client)
        feeds = [await person.watch(dice.choice([id, hidden])) for _ in range(dice.randint(1, 3))]
        if dice.random() < 0.5:
            await feeds[0]._connection.message(feeds[0]._id)
        await asyncio.sleep(dice.random() / 50)
        for feed in feeds:
            if dice.random() < 0.5:
                await feed.stop()
        if number % 20 == 0:
            await mario.do("messagePost", ticketId=id, body="ancora")
        if dice.random() < 0.7:
            await person.connection.drop()
        else:
            await person.connection.socket.close()
        stage.people.remove(person)

    watchers = [await stage.person(one) for one in ("anna", "bruno", "carla", "mario")]
    for start in range(0, CYCLES, SIDE_BY_SIDE):
        batch = range(start, start + SIDE_BY_SIDE)
        await asyncio.gather(*(cycle(dice.choice(watchers), number) for number in batch))
    await eventually(lambda: not (hub._topics or hub._closing or presence._tabs or keeper._leaving))
    await eventually(lambda: _tasks() <= before)
    assert await watchers[0].fresh(id)
    gc.collect()


def _tasks() -> set[str]:
    """Of the live layer, by the names it gives them."""
    names = (task.get_name() for task in asyncio.all_tasks())
    return {name for name in names if name.startswith("topic")}
