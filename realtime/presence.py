"""Who has which ticket open: in memory, joined over tabs; never in the relational database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models.enums import ViewerState

TicketChanged = Callable[[int], None]
Gone = Callable[[int, int], None]


@dataclass(frozen=True)
class Viewer:
    """An operator who looks at a ticket."""

    ticket_id: int
    operator_id: int
    state: ViewerState
    since: datetime


@dataclass(eq=False)
class Tab:
    """One open feed of an operator's session."""

    ticket_id: int
    operator_id: int
    session_id: int
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    idle: bool = False
    left: bool = False


class Presence:
    """The tabs of one process."""

    def __init__(self, changed: TicketChanged, gone: Gone) -> None:
        """`changed(ticket)` when its viewers did; `gone(ticket, operator)` with the last tab."""
        self._changed = changed
        self._gone = gone
        self._tabs: dict[int, list[Tab]] = {}

    def enter(self, ticket_id: int, operator_id: int, session_id: int) -> Tab:
        """A feed was opened."""
        tab = Tab(ticket_id, operator_id, session_id)
        self._tabs.setdefault(ticket_id, []).append(tab)
        self._changed(ticket_id)
        return tab

    def leave(self, tab: Tab) -> None:
        """A feed was closed."""
        tabs = self._tabs[tab.ticket_id]
        tabs.remove(tab)
        if not tabs:
            del self._tabs[tab.ticket_id]
        self._changed(tab.ticket_id)
        if not self.has_tab(tab.ticket_id, tab.operator_id):
            self._gone(tab.ticket_id, tab.operator_id)

    def set_state(self, ticket_id: int, operator_id: int, session_id: int, *, idle: bool) -> None:
        """The tabs of this session are looked at, or not; one who had left is back."""
        for tab in self._of(ticket_id, operator_id):
            if tab.session_id == session_id:
                tab.idle, tab.left = idle, False
        self._changed(ticket_id)

    def step_out(self, ticket_id: int, operator_id: int) -> None:
        """The operator has left the ticket, though a feed may still be open."""
        for tab in self._of(ticket_id, operator_id):
            tab.left = True
        self._changed(ticket_id)

    def has_tab(self, ticket_id: int, operator_id: int, session_id: int | None = None) -> bool:
        """Whether the operator (or this session of theirs) has a feed open."""
        return any(session_id in (None, tab.session_id) for tab in self._of(ticket_id, operator_id))

    def tickets(self) -> frozenset[int]:
        """Tickets with a tab."""
        return frozenset(self._tabs)

    def viewers(self, ticket_id: int, lock_holder: int | None) -> list[Viewer]:
        """Who looks at the ticket, earliest first; the holder of its lock is replying."""
        found: dict[int, Viewer] = {}
        present = [tab for tab in self._tabs.get(ticket_id, ()) if not tab.left]
        for operator_id in dict.fromkeys(tab.operator_id for tab in present):
            tabs = [tab for tab in present if tab.operator_id == operator_id]
            if operator_id == lock_holder:
                state = ViewerState.REPLYING
            else:
                state = ViewerState.IDLE if all(t.idle for t in tabs) else ViewerState.VIEWING
            since = min(tab.since for tab in tabs)
            found[operator_id] = Viewer(ticket_id, operator_id, state, since)
        return sorted(found.values(), key=lambda viewer: (viewer.since, viewer.operator_id))

    def _of(self, ticket_id: int, operator_id: int) -> list[Tab]:
        return [t for t in self._tabs.get(ticket_id, ()) if t.operator_id == operator_id]
