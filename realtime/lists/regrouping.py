"""Before anything is judged by new rights: every feed moves to the watch of what it sees now."""

import asyncio
from collections.abc import Hashable
from dataclasses import replace

from models.enums import FeedResetReason
from realtime.feed_events import Memo
from realtime.lists.feed import Feed
from realtime.lists.queries import State
from realtime.lists.registry import NOTHING, Due, Registry
from realtime.lists.watch import Audience, Watch

FILLED_AT_ONCE = 4
"""Watches, so that the database has connections left for others."""

Move = tuple[Feed, Watch, Watch]


async def regroup(registry: Registry, state: State) -> None:
    """Bring every feed to the state just read; afterwards it is the registry's."""
    due, registry.due = registry.due, NOTHING
    before = registry.state
    if before is not None and before.epoch != state.epoch:
        due = replace(due, reset=FeedResetReason.RESTORED)
    if before is None or before != state:
        due = replace(due, rights=True)
    try:
        moves, rights = await _planned(registry, due, state.version)
        await _fill(registry, {watch for _, _, watch in moves})
    except BaseException:
        registry.due = due
        raise
    memo: Memo = state.memo
    for move in moves:
        _move(registry, move, due, memo)
    for feed, acting in rights.items():
        feed.act_by(acting)
    registry.state = state


async def _planned(
    registry: Registry, due: Due, version: int
) -> tuple[list[Move], dict[Feed, Hashable]]:
    """Who is to move where, and by what rights everybody acts from now on."""
    for watch in registry.watches.all():
        if _is_old(watch, due, registry):
            registry.watches.renew(watch)
    moves: list[Move] = []
    rights: dict[Feed, Hashable] = {}
    for feed, scope in list(registry.scopes.items()):
        seat = registry.seats.get(feed)
        audience = await scope(version) if due.rights else _audience(seat)
        old = registry.seats.get(feed)
        if old is None or audience is None:
            continue  # it has left
        if due.rights:
            rights[feed] = audience.acting
        new = registry.watches.at(type(old), audience)
        if new is not old:
            moves.append((feed, old, new))
    return moves, rights


def _audience(seat: Watch | None) -> Audience | None:
    return seat.audience if seat is not None else None


def _is_old(watch: Watch, due: Due, registry: Registry) -> bool:
    if due.reset is not None or (watch.asks_sql and (due.own or due.rights)):
        return True
    return due.day and watch.until is not None and watch.until <= registry.now()


async def _fill(registry: Registry, watches: set[Watch]) -> None:
    few = asyncio.Semaphore(FILLED_AT_ONCE)

    async def one(watch: Watch) -> None:
        async with few:
            await registry.fill(watch)

    async with asyncio.TaskGroup() as group:
        for watch in watches:
            group.create_task(one(watch))


def _move(registry: Registry, move: Move, due: Due, memo: Memo) -> None:
    feed, old, new = move
    if registry.seats.get(feed) is not old:
        return
    registry.seat(feed, new)
    if due.reset is not None and feed.resets:
        feed.reset(due.reset)
    elif old.ready:
        for id in new.receive(feed, old, memo):
            registry.look(id, feed)
