"""Units of work that nobody waits for: done all the same, and heard of when they fail."""

import pytest
from structlog.testing import capture_logs

from actions.unit_of_work import afterwards, settle, unit_of_work
from models.people import Organisation

pytestmark = pytest.mark.usefixtures("database")


async def add() -> None:
    await Organisation.create(name="Later")


async def test_it_is_done_by_the_time_all_is_settled() -> None:
    afterwards(add)
    assert not await Organisation.exists(name="Later")
    await settle()
    assert await Organisation.exists(name="Later")


async def test_a_failure_is_logged() -> None:
    async def fails() -> None:
        await add()
        raise LookupError("oops")

    with capture_logs() as logged:
        afterwards(fails)
        await settle()
    (line,) = [one for one in logged if one["log_level"] == "error"]
    assert str(line["exc_info"]) == "oops"
    assert not await Organisation.exists(name="Later")


async def test_begun_within_a_unit_it_is_none_of_it() -> None:
    async def fails() -> None:
        afterwards(add)
        raise LookupError

    with pytest.raises(LookupError):
        await unit_of_work(fails)
    await settle()
    assert await Organisation.exists(name="Later")
