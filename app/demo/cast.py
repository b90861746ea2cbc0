"""Who acts: among those who may, at that moment, on that ticket."""

from collections.abc import Sequence
from copy import copy
from random import Random

from app.demo.conversation import Assignee
from app.demo.desk import NO_SESSION, DemoDesk
from app.demo.people import Public
from models.callers import ContactCaller, OperatorCaller
from models.enums import Level, TicketAction
from models.people import Contact
from models.tickets import Ticket


class Cast:
    """Picks the people of each act."""

    def __init__(self, random: Random, desk: DemoDesk, public: Public) -> None:
        self.random = random
        self.desk = desk
        self.public = public

    def operator(self, ticket: Ticket, action: TicketAction) -> OperatorCaller:
        """Who does this: the assignee mostly; the administrator when nobody else can."""
        able = [one for one in self.desk.seeing(ticket) if one.sight.may(action, ticket)]
        own = [one for one in self.desk.assignee(ticket) if one in able]
        if own and self.random.random() < 0.85:
            return self.random.choice(own)
        return self.random.choice(able or [self.desk.admin])

    def opener(self, ticket: Ticket) -> OperatorCaller | None:
        """Who may open this ticket for its contact, if anybody but the administrator."""
        able = [one for one in self.desk.staff.values() if _may_open(one, ticket)]
        return self.random.choice(able) if able else None

    def assignee(self, ticket: Ticket, by: OperatorCaller) -> Assignee:
        """Whose it should be: one who sees it before and after, or a group with such a member."""
        able = [
            one
            for one in self.desk.seeing(ticket)
            if one.sight.may_be_assignee_in(ticket.department_id) and _keeps_sight(one, ticket)
        ]
        groups = [
            group
            for group in self.desk.groups.values()
            if any(one in able for one in self.desk.members[group.id])
        ]
        if groups and self.random.random() < 0.3:
            return self.random.choice(groups)
        if by in able and self.random.random() < 0.5:
            return by
        return self.random.choice(able) if able else None

    def colleague(self, ticket: Ticket, of: OperatorCaller) -> OperatorCaller | None:
        """Somebody else who sees the ticket, to be mentioned."""
        others = [one for one in self.desk.seeing(ticket) if one is not of]
        return self.random.choice(others) if others else None

    def merger(self, one: Ticket, other: Ticket) -> OperatorCaller:
        """Who sees both."""
        able = [who for who in self.desk.seeing(one) if who.sight.sees(other)]
        return self.random.choice(able or [self.desk.admin])

    def raises_to_nobody(self, ticket: Ticket) -> bool:
        """Whether at level ADVANCED only the administrator would see it."""
        after = copy(ticket)
        after.level = Level.ADVANCED
        return not self.desk.seeing(after)

    def contact(self, contact: Contact) -> ContactCaller:
        """The contact as a caller."""
        colleagues = self.public.colleagues(contact)
        return ContactCaller(
            contact, NO_SESSION, frozenset(one.id for one in [contact, *colleagues])
        )

    def writer(self, contact: Contact) -> ContactCaller:
        """Who writes on the contact's side: sometimes a colleague, where they share."""
        colleagues: Sequence[Contact] = self.public.colleagues(contact)
        if colleagues and self.random.random() < 0.3:
            return self.contact(self.random.choice(colleagues))
        return self.contact(contact)


def _may_open(one: OperatorCaller, ticket: Ticket) -> bool:
    """They hold the category, or are guests; and every gate is open afterwards."""
    if one.sight.unrestricted:
        return False
    opened = copy(ticket)
    opened.creator_id = one.id
    opened.assignee_operator_id = opened.assignee_group_id = None
    held = ticket.category_id in one.sight.base or one.sight.guest().holds(opened)
    return held and one.sight.sees(opened)


def _keeps_sight(one: OperatorCaller, ticket: Ticket) -> bool:
    """A guest who is assigned their ticket is a guest no more, and may lose it by its category."""
    after = copy(ticket)
    after.assignee_operator_id, after.assignee_group_id = one.id, None
    return one.sight.sees(after)
