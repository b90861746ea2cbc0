"""A process of an installation that dies in the middle of a write, where it is told to.

    python -m tests.faults.dying

reads jobs from standard input, a line of JSON each (the point, and a request: path, token, query,
variables), and answers each with a line: how the process ended that did it. That is a fork of this
one, with the real application in it, database and broker and all.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

import httpx
import orjson
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionWrapper

from actions.events import TicketWritten
from actions.unit_of_work import _current
from app import logs
from app.environment import from_environment
from app.settings import Settings
from app.web import build
from realtime.broker import Broker, Hint

DIED = 77
BEFORE_COMMIT, BEFORE_HINT = "before commit", "before hint"


@dataclass(frozen=True)
class Job:
    """What to die of."""

    point: str
    path: str
    token: str
    query: str
    variables: dict[str, Any]


def die_before_hint() -> None:
    """The commit is done, and nobody is told."""
    publish = Broker.publish

    async def dying(self: Broker, hint: Hint) -> None:
        if "number" in hint:
            _die()
        await publish(self, hint)

    Broker.publish = dying


def die_before_commit() -> None:
    """Everything is written, and nothing is kept."""
    for wrapper in (TransactionWrapper, SqliteTransactionWrapper):
        _die_before(wrapper)


def _die_before(wrapper: Any) -> None:
    commit = wrapper.commit

    async def dying(transaction: Any) -> None:
        unit = _current.get()
        if unit is not None and any(isinstance(one, TicketWritten) for one in unit.events):
            _die()
        await commit(transaction)

    wrapper.commit = dying


def _die() -> NoReturn:
    os._exit(DIED)


POINTS = {BEFORE_COMMIT: die_before_commit, BEFORE_HINT: die_before_hint}


async def do(job: Job, settings: Settings) -> None:
    """The request, in an application of its own."""
    app = build(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://dying") as http:
            answer = await http.post(
                job.path,
                json={"query": job.query, "variables": job.variables},
                headers={"Authorization": f"Bearer {job.token}"},
            )
            sys.stderr.write(answer.text)


def main() -> None:
    settings = from_environment()
    logs.configure(settings)
    for line in sys.stdin:
        job = Job(**orjson.loads(line))
        child = os.fork()
        if child == 0:
            POINTS[job.point]()
            asyncio.run(do(job, settings))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
