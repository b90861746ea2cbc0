"""Watches of `ticketListEvents`: who is in the list, a bit for each ticket."""

from collections.abc import Collection
from datetime import datetime

from models.enums import FeedResetReason
from realtime.feed_events import Left, Memo
from realtime.lists.feed import Feed
from realtime.lists.numbers import Numbers
from realtime.lists.queries import numbers_of
from realtime.lists.watch import Audience, Look, Watch

TOLD_ONE_BY_ONE = 200
"""Tickets that a change of rights may add and take; beyond it the list is queried again."""


class ListWatch(Watch):
    """A filtered list in somebody's sight."""

    def __init__(self, audience: Audience) -> None:
        super().__init__(audience)
        self.members = Numbers()

    async def _fill(self, now: datetime) -> None:
        self.members = Numbers()
        async for numbers in numbers_of(self.condition):
            for number in numbers:
                self.members.add(number)

    def judge(self, look: Look, inside: bool) -> None:
        before = look.id in self.members
        if not before and not inside:
            return
        if inside:
            self.members.add(look.id)
        else:
            self.members.discard(look.id)
        for feed in self.feeds:
            if before is not inside or self.told(feed, look):
                _tell(feed, look, before=before, inside=inside)

    def settle(self, memo: Memo) -> None:
        pass

    def receive(self, feed: Feed, before: Watch, memo: Memo) -> Collection[int]:
        if not isinstance(before, ListWatch):
            raise TypeError(before)
        old, new = before.members, self.members
        if new.count_beyond(old) + old.count_beyond(new) > TOLD_ONE_BY_ONE:
            feed.reset(FeedResetReason.TOO_FAR_BEHIND)
            return ()
        for id in old.beyond(new):
            if id not in feed.unsaid:
                feed.put(id, Left(id, memo=memo))
        come = set(new.beyond(old))
        feed.unsaid = {id for id in feed.unsaid if id in new} | come
        return come

    def welcome(self, feed: Feed) -> None:
        feed.clear()


def _tell(feed: Feed, look: Look, *, before: bool, inside: bool) -> None:
    """The feed knows the ticket if it was in the list, and the feed was told so."""
    known = before and look.id not in feed.unsaid
    feed.unsaid.discard(look.id)
    if inside:
        feed.put(look.id, look.updated if known else look.entered)
    elif known:
        feed.put(look.id, look.left)
