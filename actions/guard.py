"""Steps 2 to 5 of every write: find the ticket, may the caller, then take its row, once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from actions.refusals import (
    LockLost,
    NotFound,
    NotPermitted,
    Refusal,
    TicketAlreadyClosed,
    TicketLocked,
)
from models import rows
from models.callers import Caller, ContactCaller, OperatorCaller
from models.conditions import Condition
from models.enums import TicketAction
from models.sights import sight_for
from models.sql import Statement
from models.tickets import ReplyLock, Ticket

ATTEMPTS = 5
"""How often a row that changed between guard and diagnosis is tried again."""


class LockRule(Enum):
    """What the reply lock asks of an action that comes without a token."""

    REPLY = auto()
    """Free, for the row held is the lock; the caller's own lock wants its token."""
    TOOLBAR = auto()
    """Free, or the caller's own."""
    NONE = auto()
    """Nothing: contacts, automation, and who asks for the lock or takes it over."""


@dataclass(frozen=True)
class Demand:
    """What an action asks of the ticket's row."""

    action: TicketAction
    lock: LockRule = LockRule.TOOLBAR
    token: str | None = None
    closed_too: bool = False
    deleted: bool = False
    """Looks among the deleted instead (restore)."""


async def nothing_to_check(_ticket: Ticket) -> None:
    """For actions whose input needs no ticket to be judged."""


async def take(
    caller: Caller,
    ticket_id: int,
    demand: Demand,
    check_input: Callable[[Ticket], Awaitable[None]] = nothing_to_check,
) -> Ticket:
    """The ticket, its row held until the transaction ends; or the first refusal, in order."""
    await check_input(await find(caller, ticket_id, demand))
    held = await _hold(caller, ticket_id, demand)
    await _still_allowed(caller, demand, held)
    return held


async def find(caller: Caller, ticket_id: int, demand: Demand) -> Ticket:
    """Steps 2 and 3 alone, the row not held: for what is to be judged before `take`."""
    seen = await rows.ticket(_findable(caller, demand), ticket_id)
    if seen is None:
        raise NotFound
    _require(caller, demand, seen)
    return seen


async def hold(ticket_id: int) -> Ticket:
    """The row for the desk itself, closed or not: no gates, no lock. Raises NotFound if deleted."""
    to = Statement()
    sql = (
        f"UPDATE ticket SET seq = seq WHERE id = {to.add(ticket_id)} AND deleted_at IS NULL "
        f"RETURNING *, {rows.LOCKED.format(now=to.now)}"
    )
    held = await rows.load(sql, to)
    if not held:
        raise NotFound
    return held[0]


def _findable(caller: Caller, demand: Demand) -> Condition:
    if isinstance(caller, ContactCaller):
        return caller.condition
    return caller.sight.deleted() if demand.deleted else caller.sight.condition()


def _require(caller: Caller, demand: Demand, ticket: Ticket) -> None:
    if isinstance(caller, OperatorCaller) and not caller.sight.may(demand.action, ticket):
        raise NotPermitted(demand.action)


async def _still_allowed(caller: Caller, demand: Demand, held: Ticket) -> None:
    """Steps 2 and 3 again: what was committed while we waited for the row counts."""
    if isinstance(caller, ContactCaller):
        if not caller.condition.holds(held):
            raise NotFound
        return
    sight = await sight_for(caller)
    gates = sight.deleted() if demand.deleted else sight.condition()
    if not (sight.active and gates.holds(held)):
        raise NotFound
    if not sight.may(demand.action, held):
        raise NotPermitted(demand.action)


async def _hold(caller: Caller, ticket_id: int, demand: Demand) -> Ticket:
    for _ in range(ATTEMPTS):
        held = await _guarded(caller, ticket_id, demand)
        if held is not None and demand.token is not None and not held.locked:
            # PostgreSQL judges again only a row that changed while we waited for it: here it did
            # not, and the lease ran out meanwhile. RETURNING is worked out after the wait.
            raise LockLost(None)
        if held is not None:
            return held
        refusal = await _diagnosis(caller, ticket_id, demand)
        if refusal is not None:
            raise refusal
    raise TimeoutError(f"ticket {ticket_id} changed under every one of {ATTEMPTS} attempts")


async def _guarded(caller: Caller, ticket_id: int, demand: Demand) -> Ticket | None:
    to = Statement()
    parts = [
        f"id = {to.add(ticket_id)}",
        "deleted_at IS NOT NULL" if demand.deleted else "deleted_at IS NULL",
    ]
    if not demand.closed_too:
        parts.append("turn <> 'CLOSED'")
    parts.extend(_lock_terms(caller, demand, to))
    sql = (
        f"UPDATE ticket SET seq = seq WHERE {' AND '.join(parts)} "
        f"RETURNING *, {rows.LOCKED.format(now=to.now)}"
    )
    held = await rows.load(sql, to)
    return held[0] if held else None


def _lock_terms(caller: Caller, demand: Demand, to: Statement) -> list[str]:
    if demand.lock is LockRule.NONE:
        return []
    if demand.token is not None:
        return [
            f"lock_holder_id = {to.add(caller.id)}",
            f"lock_token = {to.add(token_number(demand.token))}",
            f"lock_expires > {to.now}",
        ]
    free = f"lock_holder_id IS NULL OR lock_expires <= {to.now}"
    if demand.lock is LockRule.TOOLBAR:
        free += f" OR lock_holder_id = {to.add(caller.id)}"
    return [f"({free})"]


def token_number(token: str) -> int:
    """A lock token as the row has it; what is no token is -1, which no row has."""
    return int(token) if token.isascii() and token.isdigit() and len(token) < 19 else -1


async def _diagnosis(caller: Caller, ticket_id: int, demand: Demand) -> Refusal | None:
    """Why the guard let nothing through; None when the reason has gone meanwhile."""
    to = Statement()
    sql = f"SELECT *, {rows.LOCKED.format(now=to.now)} FROM ticket WHERE id = {to.add(ticket_id)}"
    if to.postgres:
        sql += " FOR UPDATE"
    found = await rows.load(sql, to)
    if not found or (found[0].deleted_at is None) is demand.deleted:
        return NotFound()
    ticket = found[0]
    if ticket.closed and not demand.closed_too:
        return TicketAlreadyClosed(ticket)
    return _lock_refusal(caller, demand, ticket.reply_lock)


def _lock_refusal(caller: Caller, demand: Demand, held: ReplyLock | None) -> Refusal | None:
    if demand.token is not None:
        mine = held is not None and held.operator_id == caller.id
        current = mine and held is not None and held.token == token_number(demand.token)
        return None if current else LockLost(held)
    if held is None:
        return None
    if held.operator_id != caller.id:
        return TicketLocked(held)
    return LockLost(held) if demand.lock is LockRule.REPLY else None
