"""Reads of the timeline for feeds: what is past a position, in pages."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from models import rows
from models.sql import Statement, instances
from models.tickets import Ticket
from models.timeline import TimelineEntry
from realtime.cursors import Position

PAGE = 500
REPLAY_PAGE = 20
"""Entries a replay holds at once: with the longest bodies some 8 MB, while the reader is slow."""
TOO_FAR = 1000
"""A feed further behind than this starts anew."""

VERSIONS = "versions"
"""In a memo: by which rights, and among which sessions, its rows were read."""


@dataclass(frozen=True)
class Change:
    """A ticket as it is, and what its log gained since `since`; loaded once, for every viewer."""

    ticket: Ticket
    since: Position
    added: list[TimelineEntry]
    changed: list[TimelineEntry]
    memo: dict[str, Any] = field(default_factory=dict[str, Any])
    """Where resolvers keep what they load for it, so that viewers share it."""

    @property
    def position(self) -> Position:
        """Where the log stands with this."""
        return position_of(self.ticket)

    def misses(self, at: Position) -> bool:
        """Whether something between this position and `since` may not be in it."""
        return self.since.number > at.number or self.since.revision > at.revision

    def seen_from(self, at: Position) -> "Change":
        """The same for whoever has read the log up to here: what is new to them of it."""
        added = [entry for entry in self.added if entry.number > at.number]
        changed = [
            entry
            for entry in (*self.changed, *self.added)
            if entry.number <= at.number and (entry.changed_revision or 0) > at.revision
        ]
        changed.sort(key=lambda entry: (entry.changed_revision or 0, entry.number))
        return Change(self.ticket, at, added, changed, self.memo)


def position_of(ticket: Ticket) -> Position:
    """Where the ticket's log stands."""
    return Position(ticket.seq, ticket.revision)


async def change_since(ticket_id: int, since: Position) -> Change | None:
    """What happened to the ticket since; None without such a row. Three statements at most."""
    ticket, _ = await rows.ticket_and_version(ticket_id)
    if ticket is None:
        return None
    added = await added_after(ticket, since.number) if ticket.seq > since.number else []
    moved = ticket.revision > since.revision
    changed = await changed_after(ticket, since) if moved else []
    memo = {VERSIONS: (ticket.rights_version, ticket.sessions_version)}
    return Change(ticket, since, added, changed, memo)


async def added_after(ticket: Ticket, number: int) -> list[TimelineEntry]:
    """Entries past the number, up to the row's own last: what came later comes with its hint."""
    return [entry async for page in pages_after(ticket, number, PAGE) for entry in page]


async def pages_after(
    ticket: Ticket, number: int, size: int
) -> AsyncGenerator[list[TimelineEntry]]:
    """The same page by page, for who must not hold them all."""
    async for page in _pages(ticket.id, "number", number, ticket.seq, size):
        yield page


async def visible_pages_after(
    ticket: Ticket, visible_number: int, size: int
) -> AsyncGenerator[list[TimelineEntry]]:
    """Messages past the number among those a contact can see, page by page."""
    last = ticket.visible_seq
    async for page in _pages(ticket.id, "visible_number", visible_number, last, size):
        yield page


async def _pages(
    ticket_id: int, column: str, after: int, last: int, size: int
) -> AsyncGenerator[list[TimelineEntry]]:
    while after < last:
        to = Statement()
        sql = f"""
            SELECT * FROM timeline_entry WHERE ticket_id = {to.add(ticket_id)}
            AND {column} > {to.add(after)} AND {column} <= {to.add(last)}
            ORDER BY {column} LIMIT {to.add(size)}"""
        page = await instances(TimelineEntry, sql, to)
        if not page:
            return
        yield page
        after = getattr(page[-1], column)


async def changed_after(ticket: Ticket, since: Position) -> list[TimelineEntry]:
    """Entries already sent that changed since, in the order they did."""
    to = Statement()
    sql = f"""
        SELECT * FROM timeline_entry WHERE ticket_id = {to.add(ticket.id)}
        AND number <= {to.add(since.number)} AND changed_revision > {to.add(since.revision)}
        AND changed_revision <= {to.add(ticket.revision)} ORDER BY changed_revision, number"""
    return await instances(TimelineEntry, sql, to)
