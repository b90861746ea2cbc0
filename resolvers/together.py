"""What depends on who looks, loaded at once for everybody who is shown the same change."""

import asyncio
from collections.abc import Collection
from typing import Any

from models.drafts import Draft
from models.enums import DraftKind
from models.sql import Statement, rows
from models.unread import unread_by

Pair = tuple[int, int]
"""An operator and a ticket."""


class Together:
    """Of the operators and the tickets of a change: a statement each, whoever asks first."""

    def __init__(self, operators: Collection[int], tickets: Collection[int]) -> None:
        # As they are now: whoever is added to them later is not among what may be loaded already.
        self._operators, self._tickets = frozenset(operators), frozenset(tickets)
        self._unread: asyncio.Task[set[Pair]] | None = None
        self._drafts: asyncio.Task[dict[Pair, Draft]] | None = None

    @classmethod
    def of(cls, memo: dict[str, Any]) -> "Together | None":
        """That of a frame; None for frames that do not say to whom they are shown."""
        if "operators" not in memo:
            return None
        found: Together = memo.setdefault("together", cls(memo["operators"], memo["tickets"]))
        return found

    def covers(self, operator_id: int, ticket_ids: Collection[int]) -> bool:
        """Whether these are among them."""
        return operator_id in self._operators and all(id in self._tickets for id in ticket_ids)

    async def unread(self) -> set[Pair]:
        """Who has not read what; waiters may go."""
        if self._unread is None:
            self._unread = asyncio.create_task(self._load_unread())
        return await asyncio.shield(self._unread)

    async def drafts(self) -> dict[Pair, Draft]:
        """Their unsent replies; waiters may go."""
        if self._drafts is None:
            self._drafts = asyncio.create_task(self._load_drafts())
        return await asyncio.shield(self._drafts)

    async def _load_unread(self) -> set[Pair]:
        to = Statement()
        sql = f"""
            SELECT o.id AS operator, t.id AS ticket FROM operator o, ticket t
            WHERE {to.among("o.id", self._operators)} AND {to.among("t.id", self._tickets)}
            AND {unread_by("o.id")}"""
        return {(row["operator"], row["ticket"]) for row in await rows(sql, to)}

    async def _load_drafts(self) -> dict[Pair, Draft]:
        found = await Draft.filter(
            operator_id__in=list(self._operators),
            ticket_id__in=list(self._tickets),
            kind=DraftKind.REPLY,
        )
        return {(draft.operator_id, draft.ticket_id): draft for draft in found}
