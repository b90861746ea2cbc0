"""An installation of the real program: processes that can be killed, frozen and begun again."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.program import KEY, Done, Program, Running, free_port
from tests.faults.chance import dice, patience_s
from tests.faults.crowd import is_operator, token_of
from tests.faults.resuming import Resuming
from tests.faults.screen import CONTACT, SHARED, Screen, View, loaded
from tests.support.redis_server import RedisServer
from tests.support.site import CLIENT, DESK, Client, category

UNLIMITED = httpx.Limits(max_connections=None, max_keepalive_connections=None)
OPENED = "... on TicketOpened { ticket { id } }"


class Server:
    """One of the processes, over all its lives."""

    def __init__(self, name: str, program: Program, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.http = httpx.AsyncClient(
            base_url=f"http://{self.host}", timeout=60, trust_env=False, limits=UNLIMITED
        )
        self.running: Running | None = None
        self._name, self._program = name, program
        self._lives: list[Path] = []
        self._stack = ExitStack()

    @property
    def up(self) -> bool:
        """Whether it runs, frozen or not."""
        return self.running is not None and self.running.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.running
        return self.running.process.pid

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    async def start(self) -> None:
        """Begin, or begin again; returns once it answers."""
        folder = self._program.folder / f"{self._name}-{len(self._lives)}"
        folder.mkdir()
        self._lives.append(folder)
        program = replace(self._program, folder=folder)
        self.running = self._stack.enter_context(program.started("serve"))
        await asyncio.to_thread(self.running.says, "Sportello is running.")

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> Done:
        """End it, and wait for the end."""
        assert self.running
        return await asyncio.to_thread(self.running.stop, number)

    def signal(self, number: signal.Signals) -> None:
        assert self.running
        self.running.process.send_signal(number)

    async def metrics(self) -> dict[str, float]:
        """Every sample by its name and labels, without our prefix."""
        text = (await self.http.get("/metrics")).text
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels = ",".join(
                    f'{key}="{value}"' for key, value in sorted(sample.labels.items())
                )
                name = sample.name.removeprefix("sportello_")
                found[f"{name}{{{labels}}}" if labels else name] = sample.value
        return found

    async def until(self, true: Callable[[dict[str, float]], bool]) -> dict[str, float]:
        """Wait until its metrics say so."""
        numbers = await self.metrics()
        end = asyncio.get_running_loop().time() + patience_s()
        while not true(numbers):
            assert asyncio.get_running_loop().time() < end, numbers
            await asyncio.sleep(0.1)
            numbers = await self.metrics()
        return numbers

    async def end(self) -> None:
        """Kill what is left."""
        await self.http.aclose()
        self._stack.close()

    def faults(self) -> list[str]:
        """Lines of its logs that should not be there."""
        found: list[str] = []
        for life in self._lives:
            for line in (life / "err.txt").read_text().splitlines():
                try:
                    said = orjson.loads(line)
                    wrong = "exception" in said or said["level"] in ("error", "critical")
                except (orjson.JSONDecodeError, TypeError, KeyError):
                    wrong = "Traceback" in line
                if wrong:
                    found.append(f"{life.name}: {line}")
        return found


@dataclass
class Installation:
    """Servers of one database, their Redis if they have one, and whoever comes to them."""

    program: Program
    redis: RedisServer | None
    servers: list[Server] = field(default_factory=list[Server])
    clients: list[Resuming] = field(default_factory=list[Resuming])

    async def add(self, count: int = 1, program: Program | None = None) -> list[Server]:
        """More servers, started side by side."""
        added: list[Server] = []
        for _ in range(count):
            port, name = free_port(), f"server{len(self.servers)}"
            one = Server(name, (program or self.program).set(port=port), port)
            self.servers.append(one)
            added.append(one)
        await asyncio.gather(*(one.start() for one in added))
        return added

    @property
    def hosts(self) -> list[str]:
        """Where clients may go, and find nobody now and then."""
        return [one.host for one in self.servers]

    @property
    def database_url(self) -> str:
        return dict(self.program.settings)["DATABASE_URL"]

    def person(self, name: str, server: int = 0) -> Client:
        """Somebody's program, at one of the servers."""
        at = self.servers[server]
        return Client(at.http, at.host, DESK if is_operator(name) else CLIENT, token_of(name))

    def seat(self, client: Client) -> Client:
        """The same client, at a server that runs."""
        at = next(one for one in self.servers if one.up)
        return replace(client, http=at.http, host=at.host)

    async def ticket(self, by: str = "mario") -> str:
        """A ticket the contact opens; its global id."""
        contact = self.person(by)
        place = await category(contact, "Rinnovo permesso")
        opened = await contact.do(
            "ticketOpen", OPENED, subject="Permesso", body="<p>aiuto</p>", categoryId=place
        )
        return opened["ticket"]["id"]

    async def watch(
        self,
        id: str,
        names: Sequence[str],
        view: View | None = None,
        hosts: Sequence[str] = (),
        *,
        narrow: bool = False,
    ) -> list[Resuming]:
        """A client for each name, which has loaded the ticket and follows it from there."""
        first: dict[Any, Screen] = {}
        found: list[Resuming] = []
        for name in names:
            client = self.person(name)
            seen = view or (SHARED if is_operator(name) else CONTACT)
            key = seen, None if seen.shared else name
            if key not in first:
                first[key] = await loaded(self.seat(client), seen, id)
            found.append(self.follow(id, client, first[key].copy(), hosts, narrow=narrow))
        return found

    def follow(
        self,
        id: str,
        client: Client,
        screen: Screen,
        hosts: Sequence[str] = (),
        *,
        narrow: bool = False,
    ) -> Resuming:
        """One client that goes on from what it shows."""
        chance = dice("client", len(self.clients))
        one = Resuming(client, id, screen, lambda: hosts or self.hosts, chance)
        one.narrow = narrow
        self.clients.append(one)
        return one

    async def end(self) -> None:
        """Take everything down, whatever has failed; then look at the logs."""
        for one in self.clients:
            one.task.cancel()
        await asyncio.gather(*(one.task for one in self.clients), return_exceptions=True)
        for server in self.servers:
            await server.end()

    def assert_no_faults(self) -> None:
        """No traceback, no error in the log of any process, in any of its lives."""
        faults = [line for server in self.servers for line in server.faults()]
        if faults:
            pytest.fail("\n".join(faults[:5]))


def installation(program: Program, database_url: str, redis: RedisServer | None) -> Installation:
    """Of no server yet."""
    settings: dict[str, object] = {
        "database_url": database_url,
        "secret_key": KEY,
        "log_format": "json",
        "files_url": program.folder / "files",
    }
    if redis is not None:
        settings["redis_url"] = redis.url
    return Installation(program.set(**settings), redis)
