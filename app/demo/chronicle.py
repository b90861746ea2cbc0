"""Half a year at the demo desk: everything that was opened, and what became of it."""

from datetime import datetime, timedelta
from random import Random

from app.demo import showcase
from app.demo.cast import Cast
from app.demo.conversation import Conversation
from app.demo.hours import at_work, awake, later, moments
from app.demo.opening import Openings, Thread
from app.demo.story import Story
from app.demo.texts import TOPICS
from app.demo.texts.topic import Topic
from models.enums import TicketSource

OPENED = 272
"""Tickets that begin by themselves; follow-ups and twins come to about twenty more."""
DAYS = 180
ARCHIVED_SINCE = timedelta(days=100)
"""When the archived category was taken out of use."""
REGULARS = 2
"""The first of the contacts write more often than the others."""


class Chronicle:
    """Tells one conversation after the other."""

    def __init__(self, random: Random, now: datetime, cast: Cast, openings: Openings) -> None:
        self.random = random
        self.now = now
        self.cast = cast
        self.openings = openings
        self.story = Story(random, now, cast, openings)
        self.told: list[Conversation] = []

    async def tell(self) -> list[Conversation]:
        """All conversations, in order of opening."""
        for at in moments(self.random, self.now, DAYS, OPENED):
            contacts = self.cast.public.contacts
            weights = [4 if place < REGULARS else 1 for place in range(len(contacts))]
            (contact,) = self.random.choices(contacts, weights)
            thread = await self.openings.open(at, self._topic(at), contact)
            self.told.append(thread.conversation)
            if self.random.random() < 0.025:
                await self._twin(thread)
            await self.story.go_on(thread)
            if thread.ticket.closed and self.random.random() < 0.14:
                await self._follow_up(thread)
        self.told += await showcase.conversations(self.random, self.now, self.cast, self.openings)
        return sorted(self.told, key=lambda one: one.ticket.created_at)

    def _topic(self, at: datetime) -> Topic:
        recent = at > self.now - ARCHIVED_SINCE
        categories = self.cast.desk.categories
        current = [one for one in TOPICS if not (recent and categories[one.category].archived)]
        (topic,) = self.random.choices(current, [one.weight for one in current])
        return topic

    async def _twin(self, thread: Thread) -> None:
        """The contact does not wait, writes a second time, and the desk makes one of the two."""
        first = thread.conversation
        at = awake(self.random, later(self.random, first.at, (2, 30)))
        merged_at = at_work(self.random, later(self.random, at, (1, 10)))
        if thread.ticket.closed or merged_at > self.now:
            return
        second = await self.openings.open(at, thread.topic, first.contact, TicketSource.EMAIL)
        self.told.append(second.conversation)
        by = self.cast.merger(second.ticket, thread.ticket)
        second.conversation.merge_into(merged_at, by, first)

    async def _follow_up(self, thread: Thread) -> None:
        """The contact comes back, days after the end."""
        at = awake(self.random, later(self.random, thread.conversation.at, (24, 400)))
        if at > self.now:
            return
        follow_up = await self.openings.follow_up(at, thread)
        self.told.append(follow_up.conversation)
        await self.story.go_on(follow_up)
