"""The board of a single process: a dictionary."""

import time
from collections.abc import Collection, Sequence

from realtime.backends.board import LEASE_S, Answer, Members, Notice


class MemoryBoard:
    """Does all that the board in Redis does, save failing."""

    def __init__(self) -> None:
        self._until: dict[int, dict[str, float]] = {}

    def now(self) -> float:
        return time.time()

    async def exchange(self, notices: Sequence[Notice], tickets: Collection[int]) -> Answer:
        now = time.monotonic()
        added = {notice.ticket_id: self._put(notice, now) for notice in notices}
        return Answer(added, {ticket_id: self._up(ticket_id, now) for ticket_id in tickets})

    async def close(self) -> None:
        """Nothing to do."""

    def _put(self, notice: Notice, now: float) -> int:
        before = self._up(notice.ticket_id, now)
        until = {member: now + left for member, left in before.items()}
        until |= dict.fromkeys(notice.up, now + LEASE_S)
        added = len(until) - len(before)
        for member in notice.down:
            until.pop(member, None)
        self._until[notice.ticket_id] = until
        if not until:
            del self._until[notice.ticket_id]
        return added

    def _up(self, ticket_id: int, now: float) -> Members:
        until = self._until.get(ticket_id, {})
        return {member: end - now for member, end in until.items() if end > now}
