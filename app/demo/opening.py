"""How conversations begin: in the client area, by mail, on the phone, by an operator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from app.demo.cast import Cast
from app.demo.conversation import Conversation
from app.demo.files import Files
from app.demo.hours import is_work
from app.demo.letters import Letters
from app.demo.texts.phrases import FURTHER
from app.demo.texts.topic import Opening, Topic
from models.callers import OperatorCaller
from models.desk import Category
from models.documents import Upload
from models.enums import Level, Priority, TicketSource, Turn
from models.people import Contact
from models.tickets import Ticket

SOURCES = {
    TicketSource.CLIENT_AREA: 50,
    TicketSource.EMAIL: 22,
    TicketSource.PHONE: 16,
    TicketSource.OPERATOR: 12,
}
"""In a hundred."""
BY_OPERATORS = frozenset({TicketSource.PHONE, TicketSource.OPERATOR})
FRONT_DOOR = "Patronato"
"""The department people write to when they do not know the right one."""


@dataclass(frozen=True)
class Thread:
    """A conversation with what remains to be said in it."""

    conversation: Conversation
    topic: Topic
    facts: dict[str, str]
    """What it speaks of."""
    replies: Iterator[str]
    answers: Iterator[str]

    @property
    def ticket(self) -> Ticket:
        """Its ticket."""
        return self.conversation.ticket

    @property
    def language(self) -> str:
        """The contact's, `it` or `en`."""
        return self.conversation.contact.language

    def filled(self, text: str, letters: Letters, at: datetime) -> str:
        """The text with the facts of this conversation, its days reckoned from `at`."""
        days = letters.days(self.language, at)
        return text.format(**self.facts, **days)


class Openings:
    """Opens tickets."""

    def __init__(self, random: Random, cast: Cast, files: Files) -> None:
        self.random = random
        self.cast = cast
        self.files = files
        self.letters = Letters(random)

    async def open(
        self, at: datetime, topic: Topic, contact: Contact, source: TicketSource | None = None
    ) -> Thread:
        """A conversation about the topic, with its first post.

        Without a source it comes in as it likes, sometimes at the wrong address.
        """
        lost = source is None and self.random.random() < 0.15
        source = source or self._source(topic, at)
        ticket = self._ticket(topic, contact, source, lost=lost)
        if source not in BY_OPERATORS:
            return await self._begin(at, topic, contact, ticket)
        opener = self.cast.opener(ticket)
        if opener is None:  # in limbo: nobody there to take the call
            ticket = self._ticket(topic, contact, TicketSource.EMAIL, lost=lost)
            return await self._begin(at, topic, contact, ticket)
        return await self._by_operator(at, topic, contact, ticket, opener)

    async def follow_up(self, at: datetime, thread: Thread) -> Thread:
        """The contact comes back to a closed ticket: the same place and level, nobody's."""
        origin, contact = thread.ticket, thread.conversation.contact
        ticket = Ticket(
            contact_id=contact.id,
            department_id=origin.department_id,
            category_id=origin.category_id,
            chosen_category_id=origin.chosen_category_id,
            level=origin.level,
            source=self.random.choice((TicketSource.EMAIL, TicketSource.CLIENT_AREA)),
        )
        follow_up = await self._begin(at, thread.topic, contact, ticket)
        thread.conversation.followed_up(at, self.cast.contact(contact), follow_up.conversation)
        return follow_up

    def some_files(self, language: str, likely: float) -> list[Upload]:
        """One file or two, now and then."""
        if self.random.random() >= likely:
            return []
        return [self.files.make(language) for _ in range(self.random.choice((1, 1, 2)))]

    async def _by_operator(
        self, at: datetime, topic: Topic, contact: Contact, ticket: Ticket, by: OperatorCaller
    ) -> Thread:
        ticket.creator_id = by.id
        if ticket.department_id is None:
            ticket.department_id = by.sight.default_department_id
        if self.random.random() < 0.4:
            ticket.priority = self.random.choice((Priority.HIGH, Priority.LOW))
            ticket.tags = [self.random.choice(topic.tags)]
        return await self._begin(at, topic, contact, ticket, by)

    async def _begin(
        self,
        at: datetime,
        topic: Topic,
        contact: Contact,
        ticket: Ticket,
        by: OperatorCaller | None = None,
    ) -> Thread:
        """The first post: the operator's own when they open one, else the contact's words."""
        language = contact.language
        opening = self.random.choice(topic.script(language).openings)
        thread = self._thread(topic, contact, ticket, opening)
        facts = {**thread.facts, **self.letters.days(language, at)}
        ticket.subject = opening.subject.format(**facts)
        ticket.created_at = ticket.updated_at = ticket.visible_at = at
        ticket.turn = Turn.OPERATOR
        if by is not None and ticket.source is TicketSource.OPERATOR:
            await self._written_by(by, at, thread)
            return thread
        text = opening.message.format(**facts)
        body = self.letters.from_contact(text, contact.name, language, spoken=by is not None)
        files = [] if by else self.some_files(language, 0.1)
        author = by or self.cast.contact(contact)
        thread.conversation.message(at, author, body, ticket.source, files)
        return thread

    async def _written_by(self, by: OperatorCaller, at: datetime, thread: Thread) -> None:
        contact = thread.conversation.contact
        text = thread.filled(next(thread.replies), self.letters, at)
        body = self.letters.from_desk(text, by.operator.name, contact.name, thread.language)
        files = self.some_files(thread.language, 0.1)
        thread.ticket.turn = Turn.CONTACT
        done = self.random.random() < 0.2
        await thread.conversation.reply(at, by, body, files, close=done)

    def _thread(self, topic: Topic, contact: Contact, ticket: Ticket, opening: Opening) -> Thread:
        answers = topic.script(contact.language).answers
        further = FURTHER[contact.language]
        return Thread(
            Conversation(self.cast.desk, ticket, contact),
            topic,
            self.letters.facts(contact.language),
            iter([opening.reply, *self.random.sample(further, len(further))]),
            iter(self.random.sample(answers, len(answers))),
        )

    def _source(self, topic: Topic, at: datetime) -> TicketSource:
        (source,) = self.random.choices(list(SOURCES), list(SOURCES.values()))
        if source in BY_OPERATORS and is_work(at):
            return source
        offered = self._offered(self.cast.desk.categories[topic.category])
        return source if source is TicketSource.CLIENT_AREA and offered else TicketSource.EMAIL

    def _offered(self, category: Category) -> bool:
        """Whether contacts may choose it, or could before it was archived."""
        department = self.cast.desk.department(category.department_id)
        return category.visible and not (department is not None and department.hidden)

    def _ticket(
        self, topic: Topic, contact: Contact, source: TicketSource, *, lost: bool
    ) -> Ticket:
        """Where it comes in: mail at a department's address, all else in a category."""
        if source is TicketSource.EMAIL:
            department = self.cast.desk.departments[FRONT_DOOR if lost else topic.mail_to]
            return Ticket(
                contact_id=contact.id, department_id=department.id, level=Level.BASE, source=source
            )
        chosen = source is TicketSource.CLIENT_AREA
        category = self.cast.desk.categories[topic.category]
        if chosen and lost:
            category = self._beside(category)
        return Ticket(
            contact_id=contact.id,
            department_id=category.department_id,
            category_id=category.id,
            chosen_category_id=category.id if chosen else None,
            level=category.initial_level,
            source=source,
        )

    def _beside(self, right: Category) -> Category:
        """One under the same heading, chosen by mistake."""
        beside = [
            one
            for one in self.cast.desk.categories.values()
            if one.parent_id is not None
            and one.parent_id == right.parent_id
            and not one.archived
            and self._offered(one)
        ]
        return self.random.choice(beside or [right])
