"""The end of a unit of work is told to whoever measures."""

import pytest
from structlog.testing import capture_logs

from actions.unit_of_work import Ended, unit_of_work, watch

pytestmark = pytest.mark.usefixtures("database")


class Oops(Exception):
    pass


async def test_the_end_of_a_unit_is_told() -> None:
    """Of those that were committed and those that were not; a savepoint is no unit."""
    ends: list[Ended] = []
    unwatch = watch(ends.append)

    async def outer() -> None:
        await unit_of_work(nothing)

    async def refused() -> None:
        raise Oops

    try:
        await unit_of_work(outer)
        with pytest.raises(Oops):
            await unit_of_work(refused)
    finally:
        unwatch()
    await unit_of_work(nothing)
    assert [type(one.error) for one in ends] == [type(None), Oops]
    assert all(one.seconds > 0 and one.began_ns > 0 for one in ends)


async def test_a_watcher_that_fails_harms_nobody() -> None:
    def broken(_ended: Ended) -> None:
        raise RuntimeError

    unwatch = watch(broken)
    try:
        with capture_logs() as logs:
            await unit_of_work(nothing)
    finally:
        unwatch()
    assert [line["event"] for line in logs] == ["a watcher of units of work failed"]


async def nothing() -> None:
    """Write nothing."""
