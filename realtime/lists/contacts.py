"""Watches of the client area's `ticketChanged`: what contacts can see of their tickets."""

from collections.abc import Collection
from datetime import datetime

from realtime.feed_events import Memo
from realtime.lists.feed import Feed
from realtime.lists.queries import Face, face, faces
from realtime.lists.watch import Audience, Look, Watch


class ContactWatch(Watch):
    """The tickets of a circle: of a contact, or of an organisation that shares."""

    def __init__(self, audience: Audience) -> None:
        super().__init__(audience)
        self.seen: dict[int, Face] = {}

    async def _fill(self, now: datetime) -> None:
        self.seen = await faces(self.condition)

    def judge(self, look: Look, inside: bool) -> None:
        before = self.seen.pop(look.id, None)
        if not inside or look.ticket is None:
            for feed in self.feeds if before is not None else ():
                feed.withdraw(look.id)
            return
        after = self.seen[look.id] = face(look.ticket)
        for feed in self.feeds:
            if before != after or look.id in feed.unsaid:
                feed.unsaid.discard(look.id)
                feed.put(look.id, look.moved)

    def settle(self, memo: Memo) -> None:
        pass

    def receive(self, feed: Feed, before: Watch, memo: Memo) -> Collection[int]:
        """What differs from what the other knew, too: nobody would tell of it again."""
        if not isinstance(before, ContactWatch):
            raise TypeError(before)
        for id in before.seen.keys() - self.seen.keys():
            feed.withdraw(id)
        come = {id for id, now in self.seen.items() if before.seen.get(id) != now}
        feed.unsaid = (feed.unsaid & self.seen.keys()) | come
        return come

    def welcome(self, feed: Feed) -> None:
        feed.clear()
