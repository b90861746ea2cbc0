"""`serve`: the server, and what it says when it is up."""

import argparse
import asyncio
import gc
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

from starlette.applications import Starlette
from uvicorn import Server

from app import database
from app.commands import CommandError, load_demo, opened, opened_storage, say
from app.demo.logins import LOGINS
from app.health.departure import Departure
from app.settings import Settings
from app.signals import stopping
from app.transport.protocol import uvicorn_config
from app.web import build
from models.people import Operator

BACKLOG = 2048
YOUNG = 20_000
"""Objects more than were freed, before the youngest are looked at; the default is 700."""


async def serve(settings: Settings, given: argparse.Namespace) -> int:
    """Answer requests until told to stop.

    The application is started here and not by uvicorn, which would print a traceback for a
    database that cannot be reached, and go on to answer with a code of its own.
    """
    if given.development and settings.production:
        raise CommandError("--development is refused in production: its passwords are public.")
    opened_storage(settings)
    with _listening(settings) as listening:
        if given.development:
            await _prepare(settings)
        app = build(settings)
        server = Announcing(app, settings, app.state.departure, demo=given.development)
        async with app.router.lifespan_context(app):
            _collect_less_often()
            await server.serve([listening])
    return 0


def _collect_less_often() -> None:
    """Spare what will live as long as the process, and look for circles in garbage seldom.

    Requests leave next to none, and a full collection walks thousands of open sockets: with 1,000
    of them the default thresholds cost a tenth of the processor.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


async def _prepare(settings: Settings) -> None:
    """Migrations, and demo data in an empty desk."""
    async with opened(settings, current=False):
        await database.migrate(settings)
        if not await Operator.exists():
            await load_demo(settings)


class Announcing(Server):
    """A uvicorn server that prints where it is once it answers."""

    def __init__(
        self, app: Starlette, settings: Settings, departure: Departure, *, demo: bool
    ) -> None:
        config = uvicorn_config(
            app, settings.host, settings.port, trusted_proxies=settings.trusted_proxies
        )
        config.lifespan = "off"
        super().__init__(config)
        self._settings = settings
        self._departure = departure
        self._demo = demo

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            say(_table(self._settings, demo=self._demo))

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave when told to; uvicorn's own raises the signal again, before all is put away."""
        with stopping(self._stop):
            yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live connections by ourselves, with their code; then as uvicorn does."""
        self._departure.hang_up()
        await super().shutdown(sockets)

    def _stop(self, number: signal.Signals) -> None:
        """Once: let requests end, after a while if told so. Again: do not wait for them."""
        self.force_exit = self.should_exit and number is signal.SIGINT
        drain_s = self._settings.drain_s
        if number is signal.SIGTERM and drain_s and not self._departure.begun:
            asyncio.get_running_loop().call_later(drain_s, self._leave)
        else:
            self._leave()
        self._departure.begin()

    def _leave(self) -> None:
        self.should_exit = True


def _table(settings: Settings, *, demo: bool) -> str:
    here = settings.origin
    lines = [
        "",
        "  Sportello is running.",
        "",
        f"  operators     {here}/graphql",
        f"  contacts      {here}/client/graphql",
    ]
    if not settings.production:
        lines.append(f"  explorer      open {here}/graphql in a browser")
    if not settings.embedded:
        lines.append("  worker        a process of its own, with Redis: run `sportello worker` too")
    if demo:
        lines += ["", f"  logins        every password is {LOGINS[0].password}"]
        lines += [
            f"    {'operator' if one.operator else 'contact':<10}{one.email:<26}{one.look_at}"
            for one in LOGINS
        ]
    return "\n".join([*lines, "", "  Ctrl+C ends it.", ""])


def _listening(settings: Settings) -> socket.socket:
    """The port, ours from here on: taken before anything that takes time."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=family,
            backlog=BACKLOG,
            # Several processes may stand at one address: the kernel shares out the connections.
            reuse_port=not settings.embedded and hasattr(socket, "SO_REUSEPORT"),
        )
    except OSError as error:
        raise CommandError(
            f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}): "
            "set SPORTELLO_PORT to another."
        ) from None
