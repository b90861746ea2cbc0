"""Watches of `ticketCountersChanged`: what each ticket counts as, and the sums."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from models.compiled import Judge, compiled
from models.counting import TicketCounters, kinds, midnight, next_midnight, summed
from realtime.feed_events import CountersNow, Memo
from realtime.lists.feed import Feed
from realtime.lists.queries import Counted, counted
from realtime.lists.watch import Audience, Look, Watch

SLOT = 0
"""No ticket's number: counters are one state, the newest of which is sent."""


class CountersWatch(Watch):
    """The counters of a filtered list in somebody's sight, where the day began at one instant."""

    def __init__(self, audience: Audience) -> None:
        super().__init__(audience)
        self._time_zone = audience.time_zone
        self._kinds: list[Judge] = []
        self._counted: dict[int, Counted] = {}
        self._sums: dict[int | None, list[int]] = {}
        self.totals = summed({})

    async def _fill(self, now: datetime) -> None:
        today = midnight(now, self._time_zone)
        self.until = next_midnight(now, self._time_zone)
        self._kinds = [compiled(kind) for kind in kinds(today)]
        self._counted, self._sums = {}, defaultdict(lambda: [0] * len(self._kinds))
        async for key, numbers in counted(self.condition, today):
            self._counted.update(dict.fromkeys(numbers, key))
            self._add(key, len(numbers))
        self.totals = self._summed()

    def judge(self, look: Look, inside: bool) -> None:
        before = self._counted.pop(look.id, None)
        if before is not None:
            self._add(before, -1)
        if inside and look.ticket is not None:
            flags = tuple(int(kind(look.ticket)) for kind in self._kinds)
            if any(flags):
                after = (look.ticket.department_id, flags)
                self._counted[look.id] = after
                self._add(after, 1)

    def settle(self, memo: Memo) -> None:
        now = self._summed()
        if now != self.totals:
            self.totals = now
            for feed in self.feeds:
                feed.put(SLOT, _frame(now, memo))

    def receive(self, feed: Feed, before: Watch, memo: Memo) -> Collection[int]:
        if not isinstance(before, CountersWatch) or before.totals != self.totals:
            feed.put(SLOT, _frame(self.totals, memo))
        return ()

    def welcome(self, feed: Feed) -> None:
        feed.clear()
        feed.put(SLOT, _frame(self.totals, Memo()))
        feed.wake()

    def _add(self, key: Counted, times: int) -> None:
        department, flags = key
        sums = self._sums[department]
        for place, flag in enumerate(flags):
            sums[place] += flag * times

    def _summed(self) -> TicketCounters:
        return summed({department: tuple(sums) for department, sums in self._sums.items()})


def _frame(now: TicketCounters, memo: Memo) -> CountersNow:
    return CountersNow(
        now.new,
        now.operator_turn,
        now.contact_turn,
        now.closed_today,
        by_department=now.by_department,
        memo=memo,
    )
