"""The real server: `python -m app serve`, with a database of its own and people in it."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from bench.support.api import Api
from bench.support.databases import fresh
from bench.support.processes import BenchError, Process, environment, free_port, python, running

CLIENT = "/client/graphql"
OPENED = "... on TicketOpened { ticket { id } }"


@dataclass(frozen=True)
class Desk:
    """A desk that runs, and who may ask it."""

    process: Process
    database: str
    tokens: list[str]
    """Of operators; number n is in scope n modulo the scopes."""
    chief_token: str
    """Of an operator who sees and may do everything."""
    contact_token: str
    categories: list[str]
    """One for each scope, by global id."""

    @property
    def port(self) -> int:
        return self.process.port

    def operator(self, number: int) -> Api:
        """An operator's program."""
        return Api(self.port, token=self.tokens[number % len(self.tokens)])

    def chief(self) -> Api:
        """The program of who may do everything."""
        return Api(self.port, token=self.chief_token)

    async def tickets(self, count: int, subject: str = "Renewal of a permit") -> list[str]:
        """New tickets of the contact, turn by turn in each scope; their global ids."""
        opened: list[str] = []
        async with Api(self.port, CLIENT, self.contact_token) as api:
            for number in range(count):
                category = self.categories[number % len(self.categories)]
                given = {"subject": subject, "body": "<p>Help</p>", "categoryId": category}
                done = await api.do("ticketOpen", OPENED, **given)
                opened.append(done["ticket"]["id"])
        return opened


@asynccontextmanager
async def sportello(kind: str, operators: int = 10, scopes: int = 1) -> AsyncGenerator[Desk]:
    """Serve, as in production, on an empty database of this kind with these people."""
    async with fresh(kind) as url:
        people = await peopled(url, operators, scopes)
        async with serving(url, people) as desk:
            yield desk


@asynccontextmanager
async def serving(url: str, people: dict[str, Any]) -> AsyncGenerator[Desk]:
    """Serve a database that is there; the log must have no traceback in the end."""
    port = free_port()
    settings = {
        "SPORTELLO_ENV": "production",
        "SPORTELLO_PORT": str(port),
        "SPORTELLO_DATABASE_URL": url,
        "SPORTELLO_SECRET_KEY": secrets.token_urlsafe(48),
        "SPORTELLO_LOG_LEVEL": "warning",
    }
    async with running(python("app", "serve"), port, settings) as process:
        yield Desk(
            process,
            url.partition(":")[0],
            people["operators"],
            people["chief_token"],
            people["contact_token"],
            people["categories"],
        )
        process.sane()


async def peopled(url: str, operators: int, scopes: int) -> dict[str, Any]:
    """Migrate the database and put people into it."""
    seeding = await asyncio.create_subprocess_exec(
        *python("bench.support.seed", url, str(operators), str(scopes)),
        env=environment(),
        stdout=subprocess.PIPE,
    )
    out, _ = await seeding.communicate()
    if seeding.returncode != 0:
        raise BenchError("the database could not be peopled: see above")
    found: dict[str, Any] = orjson.loads(out)
    return found
