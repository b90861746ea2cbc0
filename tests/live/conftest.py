"""Fixtures of the live layer: a site whose inside is in reach, and a log without tracebacks."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from app.live import Live
from app.settings import Settings
from tests.live.stage import Backstage, Stage
from tests.support.databases import freshen
from tests.support.live import Connection
from tests.support.site import Client, Site, serving


@pytest.fixture(autouse=True)
def logs(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[LogCapture]:
    """What was logged; a traceback fails the test, unless it takes `faults` and so expects one."""
    capture = LogCapture()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture
    structlog.reset_defaults()
    if "faults" not in request.fixturenames:
        bugs: list[Any] = [one for one in capture.entries if one.get("exc_info")]
        bugs += [one for one in caplog.records if one.levelno >= logging.ERROR]
        assert not bugs


@pytest.fixture
def faults() -> None:
    """The test makes something fail, and tracebacks are right."""


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> list[Live]:
    """The live layers that were built."""
    built: list[Live] = []
    build = Live.build

    def kept(*given: Any) -> Live:
        built.append(build(*given))
        return built[-1]

    monkeypatch.setattr(Live, "build", kept)
    return built


@pytest.fixture
async def site(settings: Settings, lives: list[Live]) -> AsyncGenerator[Site]:
    """A running desk with example B; its live layer is the last of `lives`."""
    async with serving(settings) as running:
        await freshen()
        yield running


@pytest.fixture
async def stage(site: Site, lives: list[Live]) -> AsyncGenerator[Stage]:
    """The site, for people to come to."""
    async with AsyncExitStack() as sockets:

        async def enter(client: Client) -> Connection:
            return await sockets.enter_async_context(client.live())

        stage = Stage(site, Backstage(lives[-1]), enter)
        yield stage
        # graphql-core warns of coroutines it never awaited when it is cancelled at work.
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await stage.settled()


@pytest.fixture
def quick_viewers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Viewers are told of at once, for tests about something else."""
    monkeypatch.setattr("realtime.topic.VIEWERS_EVERY_S", 0.01)
    monkeypatch.setattr("realtime.operator_course.VIEWERS_EVERY_S", 0.01)


@pytest.fixture
def quick_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are told of at once, for tests about something else."""
    monkeypatch.setattr("realtime.lists.loading.EVERY_S", 0.001)
    monkeypatch.setattr("realtime.lists.streams.EVERY_S", 0.001)
