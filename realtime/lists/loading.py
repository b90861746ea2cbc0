"""The one task of a process that loads changed tickets, and has every watch judge them."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from itertools import islice

import structlog

from models.tickets import Ticket
from realtime.feed_events import Memo
from realtime.lists.queries import State, fulfilled, loaded
from realtime.lists.registry import NOTHING, Registry
from realtime.lists.regrouping import regroup
from realtime.lists.watch import Look, Targets, Watch

log = structlog.get_logger()

EVERY_S = 0.2
"""Between two loads; the first goes at once."""
MOST_AT_ONCE = 500
"""Tickets of a load."""
IN_A_ROW = 20
"""Tickets judged before others have their turn."""
RETRY_S = 0.5

Taken = dict[int, Targets | None]
Decided = dict[Watch, set[int]]
"""For watches that SQL helps to decide: which tickets fulfil that part."""


class Loading:
    """Turns: load what is dirty, move feeds if rights moved, judge, wake."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="lists")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        registry = self._registry
        while True:
            await registry.wanted.wait()
            registry.wanted.clear()
            registry.hurry.clear()
            try:
                await self._turn()
            except Exception:
                log.exception("list load failed")
                await asyncio.sleep(RETRY_S)
                registry.wanted.set()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await registry.hurry.wait()

    async def _turn(self) -> None:
        registry = self._registry
        taken = {id: registry.dirty[id] for id in islice(registry.dirty, MOST_AT_ONCE)}
        for id in taken:
            del registry.dirty[id]
        if registry.watches.any:
            try:
                await self._look(taken)
            except BaseException:
                self._put_back(taken)
                raise
        if registry.dirty:
            registry.wanted.set()
        if not registry.hurry.is_set():
            registry.steady.set()
        for feed in registry.seats:
            feed.wake()

    def _put_back(self, taken: Taken) -> None:
        for id, targets in taken.items():
            for target in targets if targets is not None else (None,):
                self._registry.look(id, target)

    async def _look(self, taken: Taken) -> None:
        """Rows and rights are of one statement: rights that moved are seen to first."""
        registry = self._registry
        tickets, state = await loaded(taken)
        while registry.state != state or registry.due != NOTHING:
            await regroup(registry, state)
            tickets, state = await loaded(taken)
        decided = await self._decided(taken, tickets)
        await self._judge(taken, tickets, decided, state)

    async def _decided(self, taken: Taken, tickets: dict[int, Ticket]) -> Decided:
        """One statement for many watches, of the tickets that memory would let through."""
        asked: dict[Watch, list[int]] = {}
        for watch in self._registry.watches.all():
            if watch.asks_sql and watch.ready:
                asked[watch] = [
                    id
                    for id, ticket in tickets.items()
                    if watch.concerned(taken[id]) and watch.passes(ticket)
                ]
        open_ = {watch: ids for watch, ids in asked.items() if ids}
        found = await fulfilled([(watch.there, ids) for watch, ids in open_.items()])
        decided: Decided = {watch: set() for watch in asked}
        decided.update(zip(open_, found, strict=True))
        return decided

    async def _judge(
        self, taken: Taken, tickets: dict[int, Ticket], decided: Decided, state: State
    ) -> None:
        memo: Memo = state.memo
        for place, (id, targets) in enumerate(taken.items(), 1):
            ticket = tickets.get(id)
            look = Look(id, ticket, targets, memo)
            for watch in self._registry.watches.all():
                if watch.concerned(targets):
                    self._by(watch, look, decided)
            self._remember(look)
            if place % IN_A_ROW == 0:
                await asyncio.sleep(0)
        for watch in self._registry.watches.all():
            if watch.ready:
                watch.settle(memo)

    def _by(self, watch: Watch, look: Look, decided: Decided) -> None:
        if not watch.ready:
            watch.miss(look.id)
        elif watch.asks_sql and watch not in decided:
            self._registry.look(look.id, watch)  # filled since the others were asked
        else:
            watch.judge(look, _is_inside(watch, look, decided.get(watch)))

    def _remember(self, look: Look) -> None:
        registry, ticket = self._registry, look.ticket
        lock = ticket.reply_lock if ticket is not None else None
        left = (lock.expires_at - registry.now()).total_seconds() if lock is not None else None
        registry.lapses.at(look.id, left)
        if ticket is not None and ticket.written_at is not None and look.targets is None:
            registry.revisions[look.id] = (ticket.revision, ticket.written_at)


def _is_inside(watch: Watch, look: Look, decided: Collection[int] | None) -> bool:
    return (
        look.ticket is not None
        and watch.passes(look.ticket)
        and (decided is None or look.id in decided)
    )
