"""What every fault test ends with: all clients show the log, and what a fresh query says."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.faults.chance import patience_s
from tests.faults.resuming import Resuming
from tests.faults.screen import Screen, View, loaded
from tests.support.site import Client

LOOK_EVERY_S = 0.1
Seat = Callable[[Client], Client]
Key = tuple[View, str | None]


async def eventually(
    true: Callable[[], bool], why: Callable[[], str] = lambda: "it never became true"
) -> None:
    """Wait for what will be true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience_s()
    while not true():
        if loop.time() > end:
            pytest.fail(why())
        await asyncio.sleep(0.02)


async def all_live(clients: Sequence[Resuming]) -> None:
    """Wait until each has its snapshot."""

    def waiting() -> list[str]:
        assert_sound(clients)
        return [one.who for one in clients if not one.live]

    await eventually(lambda: not waiting(), lambda: f"not live: {waiting()[:3]}")


async def assert_log(
    seat: Seat, id: str, clients: Sequence[Resuming], entries: int | None = None
) -> list[dict[str, Any]]:
    """Every client's entries equal the log, and snapshot + frames = fresh snapshot.

    Waits until it is so. That no entry came twice, late or early was asserted frame by frame.
    `seat` says at which server to ask; `entries` is how many the desk's log must have. Answers with
    the desk's log, if anybody of the desk is there.
    """
    fresh: dict[Key, Screen] = {}
    loop = asyncio.get_running_loop()
    end = loop.time() + patience_s()
    while True:
        fresh = await _fresh(seat, id, clients, fresh)
        assert_sound(clients)
        wrong = [one for one in clients if one.screen.face != fresh[_key(one)].face]
        if not wrong:
            break
        if loop.time() > end:
            pytest.fail("\n".join(_difference(one, fresh[_key(one)]) for one in wrong[:3]))
        await asyncio.sleep(LOOK_EVERY_S)
    logs = [screen.entries for (view, _), screen in fresh.items() if view.entries == "timeline"]
    for log in logs:
        assert [one["number"] for one in log] == [*range(1, len(log) + 1)], "the log has gaps"
        assert entries is None or len(log) == entries, "more or less was written than was answered"
    return logs[0] if logs else []


def assert_sound(clients: Sequence[Resuming]) -> None:
    """No client has given up, or been told what cannot be; none began anew."""
    for one in clients:
        if one.task.done() and not one.task.cancelled():
            error = one.task.exception()
            if error is not None:
                raise AssertionError(f"{one.who}: {error!r}") from error
        assert not one.screen.resets, f"{one.who} had to begin anew"


def _key(one: Resuming) -> Key:
    """Clients who are to show the same."""
    return one.screen.view, None if one.screen.view.shared else one.client.token


async def _fresh(
    seat: Seat, id: str, clients: Sequence[Resuming], before: dict[Key, Screen]
) -> dict[Key, Screen]:
    found: dict[Key, Screen] = {}
    for one in clients:
        key = _key(one)
        if key not in found:
            client = seat(one.client)
            found[key] = await loaded(client, one.screen.view, id, before.get(key))
    return found


def _difference(one: Resuming, fresh: Screen) -> str:
    """For the message of a failure."""
    shown, told = one.screen.ticket or {}, fresh.ticket or {}
    fields = {
        name: (shown.get(name), told.get(name))
        for name in sorted({*shown, *told})
        if shown.get(name) != told.get(name)
    }
    last = [frame["__typename"] for frame in one.frames[-5:]]
    entries = f"{len(one.screen.entries)} entries of {len(fresh.entries)}"
    return f"{one.who} shows {entries}; shown and true: {fields}; last frames: {last}"
