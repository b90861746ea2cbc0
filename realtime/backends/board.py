"""The board: where each process puts up what it has open, for a while, and all can read it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

LEASE_S = 30.0
"""What its process does not put up again by then is gone."""

Members = Mapping[str, float]
"""What is up for a ticket, each with the seconds it has left."""


@dataclass(frozen=True)
class Notice:
    """What a process has to say of one ticket."""

    ticket_id: int
    up: frozenset[str]
    """For another lease."""
    down: frozenset[str]
    """No longer true."""


@dataclass(frozen=True)
class Answer:
    """What came of a round trip."""

    added: Mapping[int, int]
    """How many of the members were not up before, by ticket: more than new ones, if it forgot."""
    found: Mapping[int, Members]


class Board(Protocol):
    """In Redis between several processes; in memory, with the same behaviour, within one."""

    def now(self) -> float:
        """Seconds since the epoch, by one clock for all processes as soon as it is known."""
        ...

    async def exchange(self, notices: Sequence[Notice], tickets: Collection[int]) -> Answer:
        """Put notices up, then read what is up for `tickets`: one round trip, whatever there is.

        May raise anything; then each notice may be up or not.
        """
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...
