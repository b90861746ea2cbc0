"""How tickets are loaded: through a condition, the lock judged by the database's clock."""

from typing import TypeVar

from tortoise.models import Model

from models.conditions import Condition, Every, Is, IsIn
from models.sql import Statement, instances, rows
from models.tickets import Ticket

ModelT = TypeVar("ModelT", bound=Model)

PRESENT = Is("deleted_at", None)
"""Not deleted."""
LOCKED = "COALESCE(lock_holder_id IS NOT NULL AND lock_expires > {now}, FALSE) AS locked"
"""A computed column, which `load` turns into `Ticket.locked`."""

VERSIONS = "d.rights_version AS rights_version, s.version AS sessions_version"
"""Computed too: by what rights, and among which sessions, the row was read."""
VERSIONED = "desk d, sessions_version s"
"""The tables they come from, of one row each."""


async def tickets(condition: Condition) -> list[Ticket]:
    """Tickets that fulfil the condition, in order of id, in one statement."""
    to = Statement()
    columns = f"t.*, {LOCKED.format(now=to.now)}"
    sql = f"SELECT {columns} FROM ticket t WHERE {condition.sql(to)} ORDER BY t.id"
    return await load(sql, to)


async def locked() -> list[Ticket]:
    """Tickets whose lock a session holds, and `rights_version`, in one statement."""
    to = Statement()
    sql = f"""
        SELECT t.*, TRUE AS locked, d.rights_version AS rights_version FROM ticket t, desk d
        WHERE t.lock_holder_id IS NOT NULL AND t.lock_session_id IS NOT NULL
        AND t.lock_expires > {to.now} AND t.deleted_at IS NULL ORDER BY t.id"""
    return await instances(Ticket, sql, to, extra=("locked", "rights_version"))


async def load(sql: str, to: Statement) -> list[Ticket]:
    """The tickets of a statement whose columns are all of the table's and `LOCKED`."""
    found = await instances(Ticket, sql, to, extra=("locked",))
    for ticket in found:
        ticket.locked = bool(ticket.locked)
    return found


async def ticket(condition: Condition, id: int) -> Ticket | None:
    """The ticket of this number if it fulfils the condition."""
    found = await tickets(Every((Is("id", id), condition)))
    return found[0] if found else None


async def part(model: type[ModelT], table: str, id: int, condition: Condition) -> ModelT | None:
    """A row that belongs to a ticket (an entry, a document) if the ticket fulfils the condition.

    In one statement: their number must not tell what is hidden from what never was.
    """
    to = Statement()
    sql = f"""
        SELECT p.* FROM {table} p JOIN ticket t ON t.id = p.ticket_id
        WHERE p.id = {to.add(id)} AND {condition.sql(to)}"""
    found = await instances(model, sql, to)
    return found[0] if found else None


async def tickets_by_id(condition: Condition, ids: frozenset[int]) -> dict[int, Ticket]:
    """Those of the tickets that fulfil the condition, by id."""
    found = await tickets(Every((IsIn("id", ids), condition)))
    return {one.id: one for one in found}


async def ticket_and_version(id: int) -> tuple[Ticket | None, int]:
    """The row, whoever may see it, deleted or not, and `rights_version`, in one statement.

    For feeds: what is sent must be judged by the rights of the very moment it was read.
    """
    to = Statement()
    now = f", {to.now} AS read_at" if to.postgres else ""
    sql = f"""
        SELECT t.*, {LOCKED.format(now=to.now)}, {VERSIONS}{now}
        FROM ticket t, {VERSIONED} WHERE t.id = {to.add(id)}"""
    extra = ("locked", "rights_version", "sessions_version", *(("read_at",) if now else ()))
    found = await instances(Ticket, sql, to, extra)
    if not found:
        return None, 0
    found[0].locked = bool(found[0].locked)
    return found[0], found[0].rights_version


async def stays(table: str, id: int) -> bool:
    """Whether the row is there, and will be until this transaction ends.

    PostgreSQL alone has a second writer who might delete what was read a moment ago; a row that
    is to refer to it would then be refused by the database.
    """
    to = Statement()
    sql = f"SELECT id FROM {table} WHERE id = {to.add(id)}"
    return bool(await rows(f"{sql} FOR KEY SHARE" if to.postgres else sql, to))


async def versions() -> tuple[int, int]:
    """Of rights and of sessions, as of now."""
    (found,) = await rows(f"SELECT {VERSIONS} FROM {VERSIONED}", Statement())
    return found["rights_version"], found["sessions_version"]


async def count(condition: Condition) -> int:
    """How many tickets fulfil the condition."""
    to = Statement()
    found = await rows(f"SELECT count(*) AS n FROM ticket t WHERE {condition.sql(to)}", to)
    total: int = found[0]["n"]
    return total


async def follow_ups(condition: Condition, ids: frozenset[int]) -> list[Ticket]:
    """Tickets that go on from these, among those that fulfil the condition."""
    return await tickets(Every((IsIn("follow_up_of_id", ids), condition)))
