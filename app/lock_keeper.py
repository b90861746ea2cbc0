"""Keeps the locks of operators who are typing, and ends those of operators who have gone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from actions import locks
from models import rows
from models.conditions import IsIn
from models.desk import Desk

log = structlog.get_logger()
RENEWALS_PER_LEASE = 3
LOOK_ELSEWHERE_S = 1.0


class Tabs(Protocol):
    """Who has which ticket open."""

    def tickets(self) -> frozenset[int]: ...
    def has_tab(self, ticket_id: int, operator_id: int, session_id: int | None = None) -> bool: ...
    async def elsewhere(self, ticket_id: int, operator_id: int) -> bool | None: ...


class LockKeeper:
    """Renews by open feeds, and releases a grace period after the last has closed."""

    def __init__(self, tabs: Callable[[], Tabs]) -> None:
        self._tabs = tabs
        self._pause_s = 15.0
        self._renewing: asyncio.Task[None] | None = None
        self._leaving: dict[tuple[int, int], asyncio.Task[None]] = {}

    def start(self) -> None:
        """Begin to renew."""
        self._renewing = asyncio.create_task(self._renew(), name="lock keeper")

    async def stop(self) -> None:
        """End every task: leases run out by themselves."""
        tasks = {*self._leaving.values(), *([self._renewing] if self._renewing else [])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def gone(self, ticket_id: int, operator_id: int) -> None:
        """The operator's last feed of the ticket has closed: a grace begun earlier is void."""
        key = (ticket_id, operator_id)
        earlier = self._leaving.pop(key, None)
        if earlier is not None:
            earlier.cancel()
        task = asyncio.create_task(self._guarded(lambda: self._grace(ticket_id, operator_id)))
        self._leaving[key] = task
        task.add_done_callback(lambda done: self._forget(key, done))

    def _forget(self, key: tuple[int, int], task: asyncio.Task[None]) -> None:
        if self._leaving.get(key) is task:
            del self._leaving[key]

    async def _grace(self, ticket_id: int, operator_id: int) -> None:
        ticket, _ = await rows.ticket_and_version(ticket_id)
        lock = ticket.reply_lock if ticket is not None else None
        if lock is None or lock.operator_id != operator_id:
            return
        left = float((await Desk.get(id=1)).lock_grace_s)
        elsewhere = await self._tabs().elsewhere(ticket_id, operator_id)
        while left > 0 and not elsewhere:
            pause = min(left, LOOK_ELSEWHERE_S)
            await asyncio.sleep(pause)
            left -= pause
            elsewhere = await self._tabs().elsewhere(ticket_id, operator_id)
        # Who is back in another process has a grace of that one's when they leave again. And when
        # nobody knows, the lease has the last word: it runs out unless an open feed renews it.
        if elsewhere is False and not self._tabs().has_tab(ticket_id, operator_id):
            await locks.lapse(ticket_id, operator_id, lock.token)

    async def _renew(self) -> None:
        while True:
            await self._guarded(self._renew_once)
            await asyncio.sleep(self._pause_s)

    async def _renew_once(self) -> None:
        self._pause_s = (await Desk.get(id=1)).lock_lease_s / RENEWALS_PER_LEASE
        tabs = self._tabs()
        watched = tabs.tickets()
        if not watched:
            return
        for ticket in await rows.tickets(IsIn("id", watched)):
            lock = ticket.reply_lock
            if lock is None or lock.session_id is None:
                continue
            if tabs.has_tab(ticket.id, lock.operator_id, lock.session_id):
                await locks.keep(ticket.id, lock.operator_id, lock.session_id)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("lock keeper failed")
