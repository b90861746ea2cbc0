"""Open feeds and what was said about them, as the processes tell each other of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

MICRO = 1_000_000


class Sight(StrEnum):
    """Whether somebody looks at what is open."""

    OPEN = "open"
    IDLE = "idle"
    LEFT = "left"
    """Stepped out of the ticket, though the feed is still there."""


@dataclass(frozen=True)
class Said:
    """What an operator said of their tabs of a ticket, wherever those are connected.

    It holds for tabs that were open by then; the latest word wins, in whatever order words come.
    """

    process: str
    operator_id: int
    session_id: int
    """Of no account when they left: that is for all of their tabs."""
    sight: Sight
    at: int
    """Microseconds, by the clock that the processes share."""

    @property
    def member(self) -> str:
        """As it stands on the board."""
        return f"said:{self.process}:{self.operator_id}:{self.session_id}:{self.at}:{self.sight}"


@dataclass(eq=False)
class Tab:
    """One open feed of an operator's session."""

    ticket_id: int
    process: str
    number: int
    """Of the process; never used twice."""
    operator_id: int
    session_id: int
    entered: int
    """Microseconds, by the clock that the processes share."""
    at: int
    """Of the latest word it heeds; before there is one, when it was entered."""
    sight: Sight = Sight.OPEN

    @property
    def since(self) -> datetime:
        """Since when it is open."""
        return datetime.fromtimestamp(self.entered / MICRO, UTC)

    @property
    def member(self) -> str:
        """As it stands on the board."""
        return (
            f"tab:{self.process}:{self.number}:{self.operator_id}:{self.session_id}"
            f":{self.entered}:{self.at}:{self.sight}"
        )

    def heed(self, said: Said) -> bool:
        """Take it over if it is meant for this tab and news; whether it was."""
        meant = said.operator_id == self.operator_id and (
            said.sight is Sight.LEFT or said.session_id == self.session_id
        )
        if not meant or said.at <= self.at:
            return False
        self.sight, self.at = said.sight, said.at
        return True


def understood(ticket_id: int, member: str) -> Tab | Said | None:
    """What a member of the board says; None for anything else, which anybody may have put there."""
    kind, _, rest = member.partition(":")
    process, *texts = rest.split(":")
    try:
        sight = Sight(texts.pop())
        match kind, [int(text) for text in texts]:
            case "tab", [number, operator_id, session_id, entered, at]:
                return Tab(ticket_id, process, number, operator_id, session_id, entered, at, sight)
            case "said", [operator_id, session_id, at]:
                return Said(process, operator_id, session_id, sight, at)
            case _:
                return None
    except (ValueError, IndexError):
        return None
