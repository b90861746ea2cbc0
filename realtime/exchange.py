"""Keeps the board and this process's knowledge of it the same, in one round trip at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from realtime.backends.base import ended
from realtime.backends.board import Board, Members, Notice
from realtime.backends.leg import Leg
from realtime.backends.wire import BROKEN, STEP_S

log: FilteringBoundLogger = structlog.get_logger()

BEAT_S = 10.0
"""A third of the lease: two beats may be lost."""
SWEEP_HEALTHY_S = 15.0
SWEEP_UNHEALTHY_S = 2.0
TICK_S = 1.0
TRUST_AFTER_S = 5.0
"""After an outage the board may be empty until every process has put up its own again."""
HINTED_S = 0.1
SOON_S = 0.5
"""How long anybody waits for what other processes have."""
BATCH = 250
"""Tickets in one round trip, so that the loop is not held up: some 5 ms of it."""


class Holder(Protocol):
    """Whose notices these are."""

    def held(self, ticket_id: int) -> frozenset[str]:
        """The members that are true now."""
        ...

    def watched(self) -> Collection[int]:
        """Tickets whose members it wants to know."""
        ...

    def take(self, ticket_id: int, members: Members, *, whole: bool) -> None:
        """What is up for a watched ticket; when not `whole`, more may be true."""
        ...

    def tick(self, *, known: bool) -> None:
        """A second has passed; `known`: the board can be reached."""
        ...

    def returned(self) -> None:
        """The board can be reached again, and may have forgotten everything."""
        ...


@dataclass
class _Turn:
    """What goes into one round trip."""

    dirty: list[int]
    tickets: list[int]
    asking: list[asyncio.Future[Mapping[int, Members] | None]]
    found: Mapping[int, Members] | None = field(default=None)


class Exchange:
    """One task, which never raises: writes, reads, beats and sweeps all go through it.

    So a board that is frozen holds up one round trip, and everybody who asks meanwhile is told at
    once that nothing is known.
    """

    def __init__(
        self,
        board: Board,
        holder: Holder,
        tell: Callable[[int], Awaitable[None]],
        flowing: Callable[[], bool],
    ) -> None:
        """`tell(ticket)` the other processes; `flowing()`: may be relied on that they hear it."""
        self._board, self._holder, self._tell, self._flowing = board, holder, tell, flowing
        self._leg = Leg(self._turned)
        self._task: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self._written: dict[int, frozenset[str]] = {}
        """What may be up of ours."""
        self._dirty: set[int] = set()
        self._stale: set[int] = set()
        """Dirty ones of which all is written again, and not what is new alone."""
        self._untold: set[int] = set()
        self._wanted: set[int] = set()
        self._hinted: set[int] = set()
        self._asked: set[int] = set()
        self._asking: list[asyncio.Future[Mapping[int, Members] | None]] = []
        self._tick_at = self._beat_at = self._sweep_at = self._swept_at = self._trusted_at = 0.0
        self._down_since: float | None = None

    @property
    def known(self) -> bool:
        """Whether the board could be reached just now."""
        return self._leg.up

    @property
    def whole(self) -> bool:
        """Whether what is not on the board is not true, as far as anybody can tell."""
        return self.known and asyncio.get_running_loop().time() >= self._trusted_at

    async def start(self) -> None:
        """Begin. Returns when the board is reached or the first attempt has failed."""
        with self._leg:
            await self._exchange(_Turn([], [], []))
            self._leg.works()
        self._task = asyncio.create_task(self._run(), name="viewers")

    async def stop(self) -> None:
        """Take down what is ours, if the board takes it within a second."""
        task, self._task = self._task, None
        if task is None:
            return
        await ended(task)
        self._answer([*self._asking], None)
        if self.known:
            with self._leg:
                notices = [Notice(t, frozenset(), up) for t, up in self._written.items()]
                async with asyncio.timeout(STEP_S):
                    await self._board.exchange(notices, ())
                for notice in notices:
                    await self._tell(notice.ticket_id)
        with self._leg:
            await self._board.close()

    def touch(self, ticket_id: int) -> None:
        """What is true of a ticket has changed: write it, and tell."""
        self._untold.add(ticket_id)
        self.mend(ticket_id)

    def mend(self, ticket_id: int, up: Collection[str] = ()) -> None:
        """What is up of ours, `up` for one, may differ from what is true: write it."""
        if up:
            self._written[ticket_id] = self._written.get(ticket_id, frozenset()).union(up)
        self._dirty.add(ticket_id)
        self._work.set()

    def want(self, tickets: Collection[int]) -> None:
        """Read these of the watched tickets soon."""
        self._wanted.update(tickets)
        self._work.set()

    def hinted(self, ticket_id: int) -> None:
        """Read this watched ticket in a moment, once for all that is told of it in that moment."""
        if not self._hinted:
            asyncio.get_running_loop().call_later(HINTED_S, self._want_hinted)
        self._hinted.add(ticket_id)

    def missed(self) -> None:
        """Anything may have happened."""
        self._write_all()
        self.want(self._holder.watched())

    async def fetch(self, tickets: Collection[int]) -> Mapping[int, Members] | None:
        """What is up for these tickets, now; None if it is not known within half a second."""
        if self._task is None or not self.known:
            return None
        asking: asyncio.Future[Mapping[int, Members] | None]
        asking = asyncio.get_running_loop().create_future()
        self._asking.append(asking)
        self._asked.update(tickets)
        self._work.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(SOON_S):
                return await asking
        return None

    async def _run(self) -> None:
        while True:
            with self._leg:
                await self._due()
                await self._exchange(self._next())
                self._leg.works()
                continue
            await self._leg.pause()

    async def _due(self) -> None:
        """Wait for work, or for the next look at the clock."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._tick_at):
                await self._work.wait()
        self._work.clear()
        now = loop.time()
        if now < self._tick_at:
            return
        self._tick_at = now + TICK_S
        self._holder.tick(known=self.known)
        if now >= self._beat_at:
            self._beat_at = now + BEAT_S
            self._write_all()
        pause_s = SWEEP_HEALTHY_S if self._flowing() else SWEEP_UNHEALTHY_S
        if now >= min(self._sweep_at, self._swept_at + pause_s):
            self._swept_at, self._sweep_at = now, now + pause_s
            self._wanted.update(self._holder.watched())

    def _write_all(self) -> None:
        self._dirty.update(self._written)
        self._stale.update(self._written)

    def _want_hinted(self) -> None:
        hinted, self._hinted = self._hinted, set()
        self.want(hinted)

    def _next(self) -> _Turn:
        asking, self._asking = self._asking, []
        asked, self._asked = self._asked, set()
        dirty = list(islice(self._dirty, BATCH))
        wanted = list(islice(self._wanted, BATCH))
        self._dirty.difference_update(dirty)
        self._wanted.difference_update(wanted)
        if self._dirty or self._wanted:
            self._work.set()
        return _Turn(dirty, [*asked.union(wanted)], asking)

    async def _exchange(self, turn: _Turn) -> None:
        with self._answered(turn):
            notices: list[Notice] = []
            holding: dict[int, tuple[frozenset[str], int]] = {}
            for ticket_id in turn.dirty:
                held = self._holder.held(ticket_id)
                before = self._written.get(ticket_id, frozenset())
                new = held - before
                up = held if ticket_id in self._stale else new
                notices.append(Notice(ticket_id, up, before - held))
                holding[ticket_id] = held, len(new)
                self._written[ticket_id] = before | held
            self._stale.difference_update(holding)
            async with asyncio.timeout(STEP_S):
                answer = await self._board.exchange(notices, turn.tickets)
            for ticket_id, (held, new_ones) in holding.items():
                if answer.added.get(ticket_id, 0) > new_ones:
                    self._untold.add(ticket_id)
                self._written[ticket_id] = held
                if not held:
                    del self._written[ticket_id]
            self._take(answer.found)
            turn.found = answer.found
        for ticket_id in self._untold.intersection(turn.dirty):
            self._untold.discard(ticket_id)
            await self._tell(ticket_id)

    def _take(self, found: Mapping[int, Members]) -> None:
        watched = self._holder.watched()
        for ticket_id, members in found.items():
            if ticket_id in watched:
                self._holder.take(ticket_id, members, whole=self.whole)

    @contextmanager
    def _answered(self, turn: _Turn) -> Generator[None]:
        """Whoever asked is answered in any case."""
        try:
            yield
        finally:
            self._answer(turn.asking, turn.found)

    def _answer(
        self,
        asking: list[asyncio.Future[Mapping[int, Members] | None]],
        found: Mapping[int, Members] | None,
    ) -> None:
        for one in asking:
            if not one.done():
                one.set_result(found)

    def _turned(self, cause: Exception | None) -> None:
        """The board was reached, or not, perhaps once more."""
        now = asyncio.get_running_loop().time()
        if cause is None:
            if self._down_since is not None:
                log.info(
                    "viewers of other processes are known", seconds=round(now - self._down_since, 1)
                )
                self._trusted_at = now + TRUST_AFTER_S
                self._sweep_at = min(self._sweep_at, self._trusted_at)
                self._holder.returned()
            self._down_since = None
            self._untold.update(self._written)
            self.missed()
        elif self._down_since is None:
            self._down_since = now
            bug = None if isinstance(cause, BROKEN) else cause
            text = f"{type(cause).__name__}: {cause}"
            log.warning("viewers of other processes are not known", cause=text, exc_info=bug)
