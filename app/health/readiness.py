"""What a process needs to serve, looked at when somebody asks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()

PATIENCE_S = 2.0
"""For the database's answer."""
GIVEN_UP_S = 10.0
"""A statement without an answer is cancelled then: it holds a connection of the pool."""


class Status(StrEnum):
    """`ok` and `degraded` get requests; with the latter feeds are slower, never wrong."""

    OK = "ok"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


class Migrations(StrEnum):
    """Those of the database, as this code sees them."""

    CURRENT = "current"
    MISSING = "missing"
    AHEAD = "ahead"
    """A newer version is being rolled out; what is running goes on until its turn comes."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Report:
    """What was found; no names, addresses or versions of anything."""

    stopping: bool
    database: bool
    migrations: Migrations
    hints: bool
    claim: bool
    loop_lag_ms: float

    @property
    def status(self) -> Status:
        """The worst of it."""
        if self.stopping or not self.database or self.migrations is Migrations.MISSING:
            return Status.UNAVAILABLE
        return Status.OK if self.hints and self.claim else Status.DEGRADED

    def body(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "status": self.status,
            "stopping": self.stopping,
            "database": "ok" if self.database else "unreachable",
            "migrations": self.migrations,
            "hints": "flowing" if self.hints else "interrupted",
            "claim": "held" if self.claim else "lost",
            "loop_lag_ms": self.loop_lag_ms,
        }


class Readiness:
    """Puts the report together; a change of its status is a line in the log."""

    def __init__(
        self,
        applied: Callable[[], Awaitable[frozenset[str]]],
        *,
        stopping: Callable[[], bool],
        hints: Callable[[], bool],
        claim: Callable[[], bool],
        lag_s: Callable[[], float],
    ) -> None:
        """`applied()` asks the database for its migrations; the others say what is so now."""
        self.known: frozenset[str] = frozenset()
        """The migrations of the code."""
        self._applied = applied
        self._stopping = stopping
        self._hints = hints
        self._claim = claim
        self._lag_s = lag_s
        self._asking: asyncio.Task[frozenset[str] | None] | None = None
        self._status = Status.OK

    async def report(self) -> Report:
        """How things stand."""
        applied = await self._ask()
        report = Report(
            stopping=self._stopping(),
            database=applied is not None,
            migrations=self._judged(applied),
            hints=self._hints(),
            claim=self._claim(),
            loop_lag_ms=round(self._lag_s() * 1000, 1),
        )
        self._note(report)
        return report

    async def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask(self) -> frozenset[str] | None:
        """The database's migrations; None when it does not answer in time.

        However many ask, one statement is under way: a database that hangs shall not use up the
        pool by being looked at.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._answer(), name="readiness")
        await asyncio.wait([self._asking], timeout=PATIENCE_S)
        return self._asking.result() if self._asking.done() else None

    async def _answer(self) -> frozenset[str] | None:
        try:
            async with asyncio.timeout(GIVEN_UP_S):
                return await self._applied()
        except Exception as error:  # noqa: BLE001
            log.debug("the database does not answer", cause=str(error))
            return None

    def _judged(self, applied: frozenset[str] | None) -> Migrations:
        if applied is None:
            return Migrations.UNKNOWN
        if self.known - applied:
            return Migrations.MISSING
        return Migrations.AHEAD if applied - self.known else Migrations.CURRENT

    def _note(self, report: Report) -> None:
        if report.status is self._status:
            return
        self._status = report.status
        level = log.info if report.status is Status.OK else log.warning
        level("readiness changed", **report.body())
