"""What this process knows of the tabs that other processes have of one ticket."""

import asyncio
from collections.abc import Iterable
from typing import Self

from realtime.backends.board import Members
from realtime.tabs import Said, Tab, understood

Key = tuple[str, int]
"""Process, and number of the tab in it."""


class Remote:
    """As read from the board; each tab with the time until which it is believed."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        """Words of other processes, for whoever they are meant for."""
        self.ours: set[str] = set()
        """Members of this very process."""
        self._tabs: dict[Key, tuple[Tab, float]] = {}

    @classmethod
    def of(cls, ticket_id: int, members: Members, process: str) -> Self:
        """Understood by `process`; what makes no sense is left out."""
        remote = cls()
        now = asyncio.get_running_loop().time()
        for member, left in members.items():
            one = understood(ticket_id, member)
            if one is not None and one.process == process:
                remote.ours.add(member)
            elif isinstance(one, Said):
                remote.said.append(one)
            elif one is not None:
                remote._add(one, now + left)
        remote.heed(remote.said)
        return remote

    @property
    def tabs(self) -> list[Tab]:
        """Those that are believed."""
        return [tab for tab, _ in self._tabs.values()]

    @property
    def members(self) -> set[str]:
        """The same as words, to be compared."""
        return {tab.member for tab in self.tabs}

    def heed(self, words: Iterable[Said]) -> None:
        """Their processes will take the words over; here they hold already."""
        for said in words:
            for tab in self.tabs:
                tab.heed(said)

    def keep(self, before: Self) -> None:
        """Go on believing what was known, until it expires: the board may have forgotten it."""
        self._tabs = {**before._tabs, **self._tabs}

    def expire(self) -> bool:
        """Believe no more what nobody has put up again; whether there was any."""
        now = asyncio.get_running_loop().time()
        before = len(self._tabs)
        self._tabs = {key: one for key, one in self._tabs.items() if one[1] > now}
        return len(self._tabs) < before

    def _add(self, tab: Tab, until: float) -> None:
        """A tab is there twice while its process replaces it: the later word is right."""
        key = (tab.process, tab.number)
        known = self._tabs.get(key)
        if known is None or known[0].at < tab.at:
            self._tabs[key] = tab, until
