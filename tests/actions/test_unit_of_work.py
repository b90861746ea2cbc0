"""The unit of work: shielded, with a deadline, savepoints, and word only after the commit."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from actions.events import Happened, RightsChanged
from actions.operators import rights_changed
from actions.unit_of_work import announce_to, record, settle, unit_of_work
from models.desk import Desk
from models.people import Organisation
from models.sql import connection, is_postgres

pytestmark = pytest.mark.usefixtures("database")


@dataclass(frozen=True)
class Noted(Happened):
    name: str


class Oops(Exception):
    pass


@pytest.fixture
async def heard() -> AsyncGenerator[list[str]]:
    """What was announced, and that its row was there by then."""
    names: list[str] = []

    async def listen(event: Happened) -> None:
        if isinstance(event, Noted):
            assert await Organisation.exists(name=event.name)
            names.append(event.name)

    end = announce_to(listen)
    yield names
    end()


async def add(name: str) -> None:
    await Organisation.create(name=name)
    record(Noted(name))


async def names() -> set[str]:
    return {one.name for one in await Organisation.exclude(name="Acme")}


async def test_rows_and_word_together_or_neither(heard: list[str]) -> None:
    async def both() -> str:
        await add("one")
        await add("two")
        record(Noted("one"))
        assert heard == []
        return "done"

    async def fails() -> None:
        await add("three")
        raise Oops

    assert await unit_of_work(both) == "done"
    with pytest.raises(Oops):
        await unit_of_work(fails)
    assert await names() == set(heard) == {"one", "two"}
    assert heard == ["one", "two"]


async def test_no_cancellation_interrupts_it(heard: list[str]) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        await add("before")
        inside.set()
        await go_on.wait()
        await add("after")

    task = asyncio.create_task(unit_of_work(slow))
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == []
    go_on.set()
    await settle()
    assert heard == ["before", "after"]
    assert await names() == {"before", "after"}


async def test_a_failure_nobody_waits_for_any_more_is_no_noise() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def fails() -> None:
        inside.set()
        await go_on.wait()
        raise Oops

    task = asyncio.create_task(unit_of_work(fails))
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    assert await names() == set()


async def test_150_cancelled_at_any_moment_leave_nothing_behind() -> None:
    async def slow(n: int) -> None:
        await add(f"{n}")
        await asyncio.sleep(0.001)
        await add(f"{n} too")

    tasks = [asyncio.create_task(unit_of_work(lambda n=n: slow(n))) for n in range(150)]
    for n, task in enumerate(tasks):
        if n % 7 == 0:
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await unit_of_work(lambda: add("next"))
    found = await names()
    assert "next" in found
    assert all(f"{name} too" in found for name in found if name.isdigit())
    await asyncio.gather(*(unit_of_work(lambda n=n: add(f"more {n}")) for n in range(30)))


async def test_the_deadline_covers_the_body_and_rolls_back(heard: list[str]) -> None:
    async def hangs() -> None:
        await add("never")
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await unit_of_work(hangs, deadline_s=0.05)
    assert await names() == set()
    assert heard == []
    await unit_of_work(lambda: add("next"))
    assert heard == ["next"]


async def test_a_statement_cut_by_the_deadline_leaves_a_usable_connection() -> None:
    slow = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
        SELECT count(*) AS n FROM n"""

    async def counts() -> None:
        await Organisation.create(name="never")
        await connection().execute_query_dict(slow)

    for _ in range(12 if is_postgres() else 1):  # more than the pool has
        with pytest.raises(TimeoutError):
            await unit_of_work(counts, deadline_s=0.02)
    assert await names() == set()


async def test_waiting_for_the_turn_is_not_the_bodys_time() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        inside.set()
        await go_on.wait()

    long_ones = [asyncio.create_task(unit_of_work(long)) for _ in range(10)]
    await inside.wait()
    waiting = asyncio.create_task(unit_of_work(lambda: add("patient"), deadline_s=5))
    await asyncio.sleep(0.2)
    go_on.set()
    await asyncio.gather(*long_ones, waiting)
    assert await names() == {"patient"}


async def test_inside_another_it_is_a_savepoint_with_events_of_its_own(heard: list[str]) -> None:
    async def inner(name: str) -> None:
        await add(name)
        raise Oops

    async def deep() -> None:
        await add("middle")
        with pytest.raises(Oops):
            await unit_of_work(lambda: inner("deepest"))

    async def outer() -> None:
        await add("outer")
        with pytest.raises(Oops):
            await unit_of_work(lambda: inner("inner"))
        await unit_of_work(deep)
        assert heard == []

    await unit_of_work(outer)
    assert await names() == {"outer", "middle"}
    assert heard == ["outer", "middle"]


async def test_what_a_savepoint_kept_goes_with_the_outer(heard: list[str]) -> None:
    async def outer() -> None:
        await unit_of_work(lambda: add("inner"))
        raise Oops

    with pytest.raises(Oops):
        await unit_of_work(outer)
    assert await names() == set()
    assert heard == []


async def test_another_task_never_joins(heard: list[str]) -> None:
    children: list[asyncio.Task[None]] = []

    async def outer() -> None:
        await add("outer")
        children.append(asyncio.create_task(unit_of_work(lambda: add("child"))))
        await asyncio.sleep(0.05)
        raise Oops

    with pytest.raises(Oops):
        await unit_of_work(outer)
    await children[0]
    assert await names() == {"child"}
    assert heard == ["child"]


async def test_another_task_of_a_savepoint_never_joins_either() -> None:
    children: list[asyncio.Task[None]] = []

    async def inner() -> None:
        children.append(asyncio.create_task(unit_of_work(lambda: add("child"))))
        await asyncio.sleep(0.05)
        raise Oops

    async def outer() -> None:
        with pytest.raises(Oops):
            await unit_of_work(inner)
        await add("outer")

    await unit_of_work(outer)
    await children[0]
    assert await names() == {"outer", "child"}


async def test_recording_takes_a_unit_of_this_very_task() -> None:
    with pytest.raises(RuntimeError):
        record(Noted("nothing"))

    async def outer() -> None:
        async def strange() -> None:
            record(Noted("strange"))

        with pytest.raises(RuntimeError):
            await asyncio.create_task(strange())

    await unit_of_work(outer)


async def test_a_listener_that_raises_spoils_nothing(
    heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    async def breaks(_event: Happened) -> None:
        raise Oops

    async def writes(event: Happened) -> None:
        """A reaction opens a unit of its own, and may record."""
        if event == Noted("one"):
            await unit_of_work(lambda: add("echo"))

    ends = [announce_to(breaks), announce_to(writes)]
    try:
        await unit_of_work(lambda: add("one"))
    finally:
        for end in ends:
            end()
    assert heard == ["one", "echo"]
    assert "announcement failed" in capsys.readouterr().out


async def test_two_changes_of_rights_are_two_versions() -> None:
    before = (await Desk.get(id=1)).rights_version
    met = asyncio.Barrier(2)

    async def change() -> None:
        if is_postgres():  # SQLite has one writer
            await met.wait()
        await rights_changed()
        record(RightsChanged())

    await asyncio.gather(unit_of_work(change), unit_of_work(change))
    assert (await Desk.get(id=1)).rights_version == before + 2
