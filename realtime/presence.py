"""Who has which ticket open, joined over tabs and processes; never in the relational database."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from models.enums import ViewerState
from realtime.backends.board import Board, Members
from realtime.broker import Hint
from realtime.exchange import Exchange
from realtime.remote import Remote
from realtime.tabs import MICRO, Said, Sight, Tab

TicketChanged = Callable[[int], None]
Gone = Callable[[int, int], None]

SAID_S = 60.0
"""Words are kept up that long: four sweeps, in which whoever has the tabs takes them over."""
WORDS = 10_000
"""Of all tickets; more are only kept while the board cannot be reached."""


@dataclass(frozen=True)
class Viewer:
    """An operator who looks at a ticket."""

    ticket_id: int
    operator_id: int
    state: ViewerState
    since: datetime


@dataclass
class _Word:
    said: Said
    until: float
    """By the loop's clock."""


class Presence:
    """The tabs of this process, and what it knows of the tabs of others.

    It puts its own up on the board. Of the tickets it has feeds for it knows at any time what
    others have up: told by hints, and by a look now and then at all of them.
    """

    def __init__(
        self,
        board: Board,
        publish: Callable[[Hint], Awaitable[None]],
        flowing: Callable[[], bool],
        changed: TicketChanged,
        gone: Gone,
    ) -> None:
        """`publish` hints, which may be relied on while `flowing()`.

        `changed(ticket)` when its viewers did; `gone(ticket, operator)` with the last tab here.
        """
        self.process = token_hex(8)
        self._board, self._publish = board, publish
        self._changed, self._gone = changed, gone
        self._exchange = Exchange(board, self, self._tell, flowing)
        self._tabs: dict[int, list[Tab]] = {}
        self._words: dict[int, dict[tuple[int, int | None], _Word]] = {}
        self._watching: Counter[int] = Counter()
        self._remote: dict[int, Remote] = {}
        self._views: dict[int, dict[int | None, list[Viewer]]] = {}
        """Of watched tickets, by the holder of the lock: every feed asks, at every change."""
        self._last_number = self._last_at = 0

    async def start(self) -> None:
        """Begin to write and read the board; returns when it is reached, or is not."""
        await self._exchange.start()

    async def stop(self) -> None:
        """Take our tabs down from the board."""
        await self._exchange.stop()

    @property
    def known(self) -> bool:
        """Whether the tabs of other processes are known; ours always are."""
        return self._exchange.known

    def hint(self, message: Hint) -> None:
        """The viewers of a ticket changed in another process."""
        ticket_id = message.get("viewers")
        ours = message.get("by") == self.process
        if isinstance(ticket_id, int) and ticket_id in self._watching and not ours:
            self._exchange.hinted(ticket_id)

    def missed(self) -> None:
        """Hints may have been lost: look at everything."""
        self._exchange.missed()

    def enter(self, ticket_id: int, operator_id: int, session_id: int) -> Tab:
        """A feed was opened."""
        self._last_number += 1
        at = self._now()
        tab = Tab(ticket_id, self.process, self._last_number, operator_id, session_id, at, at)
        self._tabs.setdefault(ticket_id, []).append(tab)
        self.watch(ticket_id)
        self._moved(ticket_id)
        return tab

    def leave(self, tab: Tab) -> None:
        """A feed was closed."""
        tabs = self._tabs[tab.ticket_id]
        tabs.remove(tab)
        if not tabs:
            del self._tabs[tab.ticket_id]
        self.unwatch(tab.ticket_id)
        self._moved(tab.ticket_id)
        if not self.has_tab(tab.ticket_id, tab.operator_id):
            self._gone(tab.ticket_id, tab.operator_id)

    def watch(self, ticket_id: int) -> None:
        """Know at any time who views the ticket; a tab does so by itself."""
        self._watching[ticket_id] += 1

    def unwatch(self, ticket_id: int) -> None:
        """Once for every time it was watched."""
        self._watching[ticket_id] -= 1
        if not self._watching[ticket_id]:
            del self._watching[ticket_id]
            self._remote.pop(ticket_id, None)
            self._views.pop(ticket_id, None)

    async def loaded(self, ticket_id: int) -> None:
        """Wait until the viewers in other processes are known, for half a second at most."""
        if ticket_id not in self._remote:
            await self._exchange.fetch([ticket_id])

    def set_state(self, ticket_id: int, operator_id: int, session_id: int, *, idle: bool) -> None:
        """The tabs of this session are looked at, or not; one who had left is back."""
        sight = Sight.IDLE if idle else Sight.OPEN
        self._say(ticket_id, Said(self.process, operator_id, session_id, sight, self._now()))

    def step_out(self, ticket_id: int, operator_id: int) -> None:
        """The operator has left the ticket, though a feed may still be open."""
        self._say(ticket_id, Said(self.process, operator_id, 0, Sight.LEFT, self._now()))

    def has_tab(self, ticket_id: int, operator_id: int, session_id: int | None = None) -> bool:
        """Whether the operator (or this session of theirs) has a feed open in this process."""
        return any(
            tab.operator_id == operator_id and session_id in (None, tab.session_id)
            for tab in self._tabs.get(ticket_id, ())
        )

    async def elsewhere(self, ticket_id: int, operator_id: int) -> bool | None:
        """Whether they have a feed open in another process; None when that cannot be known."""
        found = await self._exchange.fetch([ticket_id])
        if found is None:
            return None
        tabs = Remote.of(ticket_id, found[ticket_id], self.process).tabs
        if any(tab.operator_id == operator_id for tab in tabs):
            return True
        return False if self._exchange.whole else None

    def tickets(self) -> frozenset[int]:
        """Tickets with a tab in this process."""
        return frozenset(self._tabs)

    def viewers(self, ticket_id: int, lock_holder: int | None) -> list[Viewer]:
        """Who looks at a watched ticket, earliest first; the holder of its lock is replying."""
        views = self._views.setdefault(ticket_id, {}) if ticket_id in self._watching else {}
        if lock_holder not in views:
            remote = self._remote.get(ticket_id)
            views[lock_holder] = self._joined(ticket_id, lock_holder, remote)
        return views[lock_holder]

    async def viewers_of(self, asked: Sequence[tuple[int, int | None]]) -> list[list[Viewer]]:
        """Who looks at each of these (ticket, holder of its lock), watched or not.

        Read at once, for half a second at most: then it is those of this process.
        """
        unknown = {ticket_id for ticket_id, _ in asked if ticket_id not in self._remote}
        found = (await self._exchange.fetch(unknown) if unknown else None) or {}
        read = {id: Remote.of(id, up, self.process) for id, up in found.items()}
        for ticket_id, remote in read.items():
            remote.heed(self._said(ticket_id))
        read |= {id: self._remote[id] for id, _ in asked if id in self._remote}
        return [self._joined(id, holder, read.get(id)) for id, holder in asked]

    def held(self, ticket_id: int) -> frozenset[str]:
        """What this process has up on the board, or should have."""
        tabs = (tab.member for tab in self._tabs.get(ticket_id, ()))
        return frozenset((*tabs, *(said.member for said in self._said(ticket_id))))

    def watched(self) -> Collection[int]:
        """Tickets with feeds in this process."""
        return self._watching

    def take(self, ticket_id: int, members: Members, *, whole: bool) -> None:
        """What is up for a watched ticket: tabs of others, and words that are meant for ours."""
        before = self._remote.get(ticket_id)
        now = Remote.of(ticket_id, members, self.process)
        if before is not None and not whole:
            now.keep(before)
        now.heed(self._said(ticket_id))
        self._remote[ticket_id] = now
        heeded = [tab.heed(said) for said in now.said for tab in self._tabs.get(ticket_id, ())]
        if any(heeded):
            self._moved(ticket_id)
        elif now.members != (before.members if before else set()):
            self._look_again(ticket_id)
        if not now.ours <= self.held(ticket_id):
            self._exchange.mend(ticket_id, now.ours)

    def tick(self, *, known: bool) -> None:
        """Forget the tabs of dead processes, and words that all have had time to hear."""
        for ticket_id, remote in self._remote.items():
            if remote.expire():
                self._look_again(ticket_id)
                self._exchange.want([ticket_id])
        if known or sum(map(len, self._words.values())) > WORDS:
            self._forget_words()

    def returned(self) -> None:
        """The board is back: say again what was said meanwhile, which nobody could hear."""
        until = asyncio.get_running_loop().time() + SAID_S
        for words in self._words.values():
            for word in words.values():
                word.until = until

    def _say(self, ticket_id: int, said: Said) -> None:
        about = None if said.sight is Sight.LEFT else said.session_id
        until = asyncio.get_running_loop().time() + SAID_S
        self._words.setdefault(ticket_id, {})[said.operator_id, about] = _Word(said, until)
        for tab in self._tabs.get(ticket_id, ()):
            tab.heed(said)
        if ticket_id in self._remote:
            self._remote[ticket_id].heed([said])
        self._moved(ticket_id)

    def _said(self, ticket_id: int) -> list[Said]:
        return [word.said for word in self._words.get(ticket_id, {}).values()]

    def _forget_words(self) -> None:
        now = asyncio.get_running_loop().time()
        for ticket_id, words in list(self._words.items()):
            left = {about: word for about, word in words.items() if word.until > now}
            if left:
                self._words[ticket_id] = left
            else:
                del self._words[ticket_id]
            if len(left) < len(words):
                self._exchange.mend(ticket_id)

    def _joined(self, ticket_id: int, holder: int | None, remote: Remote | None) -> list[Viewer]:
        found: dict[int, list[Tab]] = {}
        for tab in (*self._tabs.get(ticket_id, ()), *(remote.tabs if remote else ())):
            if tab.sight is not Sight.LEFT:
                found.setdefault(tab.operator_id, []).append(tab)
        viewers = [_viewer(tabs, holder) for tabs in found.values()]
        return sorted(viewers, key=lambda viewer: (viewer.since, viewer.operator_id))

    def _moved(self, ticket_id: int) -> None:
        self._exchange.touch(ticket_id)
        self._look_again(ticket_id)

    def _look_again(self, ticket_id: int) -> None:
        self._views.pop(ticket_id, None)
        self._changed(ticket_id)

    async def _tell(self, ticket_id: int) -> None:
        await self._publish({"viewers": ticket_id, "by": self.process})

    def _now(self) -> int:
        """Microseconds; no two alike, and never back, whatever the clock does."""
        self._last_at = max(int(self._board.now() * MICRO), self._last_at + 1)
        return self._last_at


def _viewer(tabs: Sequence[Tab], holder: int | None) -> Viewer:
    """An operator by their tabs of a ticket."""
    first = min(tabs, key=lambda tab: tab.entered)
    if first.operator_id == holder:
        state = ViewerState.REPLYING
    elif all(tab.sight is Sight.IDLE for tab in tabs):
        state = ViewerState.IDLE
    else:
        state = ViewerState.VIEWING
    return Viewer(first.ticket_id, first.operator_id, state, first.since)
