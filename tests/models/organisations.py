"""Random organisations, and who sees and does what in them by the letter of permissions.md.

The oracle is written from the text, one rule after the other, on plain facts: it walks trees
upwards where the program walks them downwards, and knows no conditions.
"""

from dataclasses import dataclass, field
from itertools import count
from random import Random

from models.enums import Level, Right, TicketAction, TicketSharing
from models.tickets import Ticket

_ids = count(1_000)
TICKET_RIGHTS = [
    Right.TICKETS_VIEW,
    Right.TICKETS_WRITE,
    Right.TICKETS_DELETE,
    Right.TAKE_OVER_LOCK,
    Right.VIEW_ALL_TICKETS,
    Right.ADMINISTER,
]
LIKELY = [0.9, 0.8, 0.4, 0.3, 0.05, 0.05]


@dataclass
class Line:
    """One line of a group: an operator, a role, or a group."""

    operator: int | None = None
    role: int | None = None
    with_subordinates: bool = False
    group: int | None = None


@dataclass
class Organisation:
    """The facts of a desk."""

    restricted: bool = True
    sharing: TicketSharing = TicketSharing.PUBLIC_WRITE
    departments: dict[int, int | None] = field(default_factory=dict[int, int | None])
    """With their parents."""
    limited: set[int] = field(default_factory=set[int])
    categories: list[int] = field(default_factory=list[int])
    roles: dict[int, int | None] = field(default_factory=dict[int, int | None])
    rights: dict[int, set[Right]] = field(default_factory=dict[int, set[Right]])
    """By role."""
    operators: dict[int, int] = field(default_factory=dict[int, int])
    """With their roles."""
    inactive: set[int] = field(default_factory=set[int])
    groups: dict[int, list[Line]] = field(default_factory=dict[int, list[Line]])
    members: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Department, operator."""
    ties: dict[tuple[int, int], bool] = field(default_factory=dict[tuple[int, int], bool])
    """Department and group; True when the department is public for the group."""
    grants: dict[tuple[int, int], Level] = field(default_factory=dict[tuple[int, int], Level])
    """Operator and category."""

    # --- trees and groups

    def is_below(self, operator: int, superior: int) -> bool:
        """Whether the one's role is strictly below the other's."""
        role = self.roles[self.operators[operator]]
        while role is not None:
            if role == self.operators[superior]:
                return True
            role = self.roles[role]
        return False

    def in_group(self, operator: int, group: int, passed: frozenset[int] = frozenset()) -> bool:
        if group in passed:
            return False
        return any(self._on_line(operator, line, passed | {group}) for line in self.groups[group])

    def _on_line(self, operator: int, line: Line, passed: frozenset[int]) -> bool:
        if line.operator == operator or line.role == self.operators[operator]:
            return True
        if line.role is not None and line.with_subordinates:
            role: int | None = self.operators[operator]
            while role is not None:
                if role == line.role:
                    return True
                role = self.roles[role]
        return line.group is not None and self.in_group(operator, line.group, passed)

    def is_mine(self, operator: int, department: int) -> bool:
        """A parent covers its children."""
        place: int | None = department
        while place is not None:
            if (place, operator) in self.members:
                return True
            if any(
                at == place and not public and self.in_group(operator, group)
                for (at, group), public in self.ties.items()
            ):
                return True
            place = self.departments[place]
        return False

    def is_public(self, operator: int, department: int) -> bool:
        return any(
            at == department and public and self.in_group(operator, group)
            for (at, group), public in self.ties.items()
        )

    # --- seeing

    def has(self, operator: int, right: Right) -> bool:
        mine = self.rights[self.operators[operator]]
        return right in mine or Right.ADMINISTER in mine

    def skips(self, operator: int) -> bool:
        """Gate 2."""
        return self.has(operator, Right.VIEW_ALL_TICKETS)

    def sees(self, operator: int, ticket: Ticket) -> bool:
        if operator in self.inactive or ticket.deleted_at is not None:
            return False
        if not self.has(operator, Right.TICKETS_VIEW):
            return False
        return self.skips(operator) or (
            (self._department_opens(operator, ticket) or self._came_as_guest(operator, ticket))
            and self._category_opens(operator, ticket)
            and (self.sharing is not TicketSharing.PRIVATE or self.owns(operator, ticket))
        )

    def _department_opens(self, operator: int, ticket: Ticket) -> bool:
        """Gate 3, but for guests."""
        department = ticket.department_id
        return (
            not self.restricted
            or department is None
            or self.is_mine(operator, department)
            or self._is_assigned(operator, ticket)
        )

    def _came_as_guest(self, operator: int, ticket: Ticket) -> bool:
        department = ticket.department_id
        return (
            department is not None
            and self.is_public(operator, department)
            and ticket.creator_id == operator
        )

    def is_guest(self, operator: int, ticket: Ticket) -> bool:
        opened = self._department_opens(operator, ticket)
        return self._came_as_guest(operator, ticket) and not opened

    def _category_opens(self, operator: int, ticket: Ticket) -> bool:
        """Gate 4."""
        if ticket.category_id is None or self.is_guest(operator, ticket):
            return True
        held = self.grants.get((operator, ticket.category_id))
        return held is Level.ADVANCED or (held is Level.BASE and ticket.level is Level.BASE)

    def _is_assigned(self, operator: int, ticket: Ticket) -> bool:
        if ticket.assignee_group_id is not None:
            return self.in_group(operator, ticket.assignee_group_id)
        return ticket.assignee_operator_id == operator

    def owns(self, operator: int, ticket: Ticket) -> bool:
        """Gate 5 under PRIVATE."""
        if self._is_assigned(operator, ticket) or ticket.creator_id == operator:
            return True
        subordinates = [one for one in self.operators if self.is_below(one, operator)]
        if ticket.assignee_operator_id is not None:
            return ticket.assignee_operator_id in subordinates
        if ticket.assignee_group_id is not None:
            return any(self.in_group(one, ticket.assignee_group_id) for one in subordinates)
        if ticket.creator_id in subordinates:
            return True
        if ticket.department_id is not None:
            return self.is_mine(operator, ticket.department_id)
        return ticket.creator_id is None

    # --- acting

    def may(self, operator: int, action: TicketAction, ticket: Ticket) -> bool:
        """The acting table, for a ticket that is seen."""
        match action:
            case TicketAction.VIEW:
                return True
            case TicketAction.DELETE:
                return self.has(operator, Right.TICKETS_DELETE)
            case TicketAction.TAKE_OVER_LOCK:
                return self.has(operator, Right.TAKE_OVER_LOCK) and self.has(
                    operator, Right.TICKETS_WRITE
                )
            case _:
                return self.has(operator, Right.TICKETS_WRITE) and (
                    self.skips(operator) or self._may_change(operator, action, ticket)
                )

    def _may_change(self, operator: int, action: TicketAction, ticket: Ticket) -> bool:
        if self.sharing is TicketSharing.PUBLIC_READ and not self.owns(operator, ticket):
            return False
        held_back = self.is_guest(operator, ticket) and ticket.department_id in self.limited
        return not held_back or action in (TicketAction.REPLY, TicketAction.UPDATE)


def organisation(random: Random) -> Organisation:
    """A small one, of every feature something."""
    made = Organisation(
        restricted=random.random() < 0.7, sharing=random.choice(list(TicketSharing))
    )
    made.departments = _tree(random, 4)
    made.limited = {id for id in made.departments if random.random() < 0.5}
    made.categories = [next(_ids) for _ in range(3)]
    made.roles = _tree(random, 4)
    for role in made.roles:
        made.rights[role] = {
            right
            for right, likely in zip(TICKET_RIGHTS, LIKELY, strict=True)
            if random.random() < likely
        }
    made.operators = {next(_ids): random.choice(list(made.roles)) for _ in range(6)}
    made.inactive = {id for id in made.operators if random.random() < 0.1}
    made.groups = {next(_ids): [] for _ in range(3)}
    for lines in made.groups.values():
        lines.extend(_line(random, made) for _ in range(random.randrange(3)))
    operators, departments = list(made.operators), list(made.departments)
    for _ in range(5):
        made.members.add((random.choice(departments), random.choice(operators)))
    for _ in range(3):
        tie = (random.choice(departments), random.choice(list(made.groups)))
        made.ties[tie] = random.random() < 0.7
    for _ in range(9):
        grant = (random.choice(operators), random.choice(made.categories))
        made.grants[grant] = random.choice(list(Level))
    return made


def _tree(random: Random, size: int) -> dict[int, int | None]:
    tree: dict[int, int | None] = {}
    for _ in range(size):
        tree[next(_ids)] = random.choice([None, *tree]) if random.random() < 0.9 else None
    return tree


def _line(random: Random, made: Organisation) -> Line:
    match random.randrange(3):
        case 0:
            return Line(operator=random.choice(list(made.operators)))
        case 1:
            role = random.choice(list(made.roles))
            return Line(role=role, with_subordinates=random.random() < 0.5)
        case _:
            return Line(group=random.choice(list(made.groups)))
