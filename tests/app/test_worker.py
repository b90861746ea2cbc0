"""`sportello worker` as a process of its own."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from models.records import IdempotencyKey
from tests.app.program import KEY, Program, complaint, within


async def _two_keys() -> None:
    for key, age in (("old", timedelta(days=2)), ("new", timedelta(hours=1))):
        await IdempotencyKey.create(
            caller="operator:1", key=key, input_hash="", created_at=datetime.now(UTC) - age
        )


async def _keys() -> list[str]:
    return [one.key for one in await IdempotencyKey.all()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_round_and_the_end(desk: Program, database_url: str, number: signal.Signals) -> None:
    within(database_url, _two_keys)
    with desk.started("worker") as worker:
        worker.says("The worker is running.")
        worker.until(lambda: within(database_url, _keys) == ["new"])
        done = worker.stop(number)
    assert (done.code, done.err) == (0, "")


def test_one_process_on_sqlite_in_production(sqlite_desk: Program) -> None:
    said = complaint(sqlite_desk.set(env="production", secret_key=KEY).run("worker"))
    assert "`sportello serve` runs the worker inside" in said
