"""How conversations go on: what happens on a ticket, by whom, how long after."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random

from app.demo.cast import Cast
from app.demo.hours import at_work, awake, later
from app.demo.opening import Openings, Thread
from app.demo.texts.phrases import LAST, NOTES, NOTES_TO_SOMEBODY, REASONS
from models.enums import Level, Priority, Severity, TicketAction, TicketSource

Step = Callable[[Thread, datetime], Awaitable[None]]
Plan = list[tuple[Step, tuple[float, float]]]
"""Steps, each so many hours after the one before."""

LONGEST = 9
"""Entries of a ticket."""
ENDING = 3
"""A last reply, CLOSED, and perhaps FOLLOW_UP_OPENED: room kept for them."""
OLD = timedelta(days=21)
"""By then somebody has answered."""


class Story:
    """Tells conversations up to `now`."""

    def __init__(self, random: Random, now: datetime, cast: Cast, openings: Openings) -> None:
        self.random = random
        self.now = now
        self.cast = cast
        self.openings = openings
        self.letters = openings.letters

    async def go_on(self, thread: Thread) -> None:
        """Let happen what happens, until the ticket is closed or it is now."""
        conversation = thread.conversation
        for step, hours in self._plan(thread):
            at = later(self.random, conversation.at, hours)
            at = awake(self.random, at) if step == self._answer else at_work(self.random, at)
            if at > self.now or thread.ticket.closed:
                return
            if step == self._end or len(conversation.entries) < LONGEST - ENDING:
                await step(thread, at)

    def _plan(self, thread: Thread) -> Plan:
        plan: Plan = [(self._forward, (0.1, 3)), (self._sort, (0.2, 6))]
        for step, likely in (
            (self._update, 0.3),
            (self._assign, 0.45),
            (self._raise, 0.12),
            (self._note, 0.2),
        ):
            if self.random.random() < likely:
                plan.append((step, (0.1, 5)))
        old = self._is_old(thread)
        rounds = self.random.choices((0, 1, 2, 3), (0 if old else 2, 5, 3, 1))[0]
        for _ in range(rounds):
            plan.append((self._reply, (0.5, 30)))
            if self.random.random() < 0.15:
                plan.append((self._note, (0.2, 4)))
            if self.random.random() < 0.75:
                plan.append((self._answer, (1, 70)))
        if rounds and self.random.random() < (0.52 if old else 0.35):
            plan.append((self._end, (2, 90)))
        return plan

    def _is_old(self, thread: Thread) -> bool:
        return thread.ticket.created_at < self.now - OLD

    # --- what operators do

    async def _forward(self, thread: Thread, at: datetime) -> None:
        """Mail at the wrong address goes to the right department, by who may send it there."""
        ticket = thread.ticket
        right = self.cast.desk.departments[thread.topic.mail_to]
        if ticket.category_id is not None or ticket.department_id == right.id:
            return
        by = self.cast.operator(ticket, TicketAction.TRANSFER)
        if by.sight.may_transfer_to(right.id):
            thread.conversation.transfer(at, by, right)

    async def _sort(self, thread: Thread, at: datetime) -> None:
        """Into the right category, if it came in without or under a wrong one."""
        desk, ticket = self.cast.desk, thread.ticket
        right = desk.categories[thread.topic.category]
        if ticket.category_id == right.id or right.archived:
            return
        left = 0.12 if self._is_old(thread) else 0.45
        if ticket.category_id is None and self.random.random() < left:
            return
        by = self.cast.operator(ticket, TicketAction.CHANGE_CATEGORY)
        note = self.random.choice(REASONS) if ticket.category_id else None
        thread.conversation.change_category(at, by, right, note)

    async def _update(self, thread: Thread, at: datetime) -> None:
        by = self.cast.operator(thread.ticket, TicketAction.UPDATE)
        thread.conversation.update(
            at,
            by,
            priority=self.random.choice((None, Priority.LOW, Priority.HIGH, Priority.URGENT)),
            severity=self.random.choice((None, *Severity)),
            tags=self.random.sample(thread.topic.tags, self.random.randint(0, 1)),
        )

    async def _assign(self, thread: Thread, at: datetime) -> None:
        by = self.cast.operator(thread.ticket, TicketAction.ASSIGN)
        to = self.cast.assignee(thread.ticket, by)
        if to is not None:
            thread.conversation.assign(at, by, to)

    async def _raise(self, thread: Thread, at: datetime) -> None:
        ticket = thread.ticket
        room = LONGEST - ENDING - len(thread.conversation.entries)
        if ticket.level is Level.ADVANCED or ticket.category_id is None or room < 2:
            return  # raising may take the ticket from its assignee: two entries
        if self.cast.raises_to_nobody(ticket) and self.random.random() < 0.9:
            return
        by = self.cast.operator(ticket, TicketAction.CHANGE_LEVEL)
        thread.conversation.change_level(at, by, Level.ADVANCED, self.random.choice(REASONS))

    async def _note(self, thread: Thread, at: datetime) -> None:
        by = self.cast.operator(thread.ticket, TicketAction.NOTE)
        colleague = self.cast.colleague(thread.ticket, by) if self.random.random() < 0.5 else None
        if colleague is None:
            body = self.letters.said(self.random.choice(NOTES))
            files = self.openings.some_files("it", 0.1)
            thread.conversation.note(at, by, body, files=files)
        else:
            first_name = colleague.operator.name.partition(" ")[0]
            text = self.random.choice(NOTES_TO_SOMEBODY).format(colleague=first_name)
            thread.conversation.note(at, by, self.letters.said(text), [colleague])

    async def _reply(self, thread: Thread, at: datetime) -> None:
        text = next(thread.replies, None)
        if text is not None:
            await self._say(thread, at, text)

    async def _end(self, thread: Thread, at: datetime) -> None:
        """Closed, with a last reply or without."""
        if self.random.random() < 0.5:
            await self._say(thread, at, self.random.choice(LAST[thread.language]), close=True)
        else:
            by = self.cast.operator(thread.ticket, TicketAction.CLOSE)
            thread.conversation.close(at, by)

    async def _say(self, thread: Thread, at: datetime, text: str, *, close: bool = False) -> None:
        by = self.cast.operator(thread.ticket, TicketAction.REPLY)
        body = self.letters.from_desk(
            thread.filled(text, self.letters, at),
            by.operator.name,
            thread.conversation.contact.name,
            thread.language,
        )
        files = self.openings.some_files(thread.language, 0.04)
        await thread.conversation.reply(at, by, body, files, close=close)

    # --- what contacts do

    async def _answer(self, thread: Thread, at: datetime) -> None:
        text = next(thread.answers, None)
        if text is None:
            return
        writer = self.cast.writer(thread.conversation.contact)
        body = self.letters.from_contact(
            thread.filled(text, self.letters, at),
            writer.contact.name,
            thread.language,
        )
        source = self.random.choice((TicketSource.CLIENT_AREA, TicketSource.EMAIL))
        files = self.openings.some_files(thread.language, 0.04)
        thread.conversation.message(at, writer, body, source, files)
