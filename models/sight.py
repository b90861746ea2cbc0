"""The seeing and acting rule of an operator: loaded once, true in SQL and in memory."""

from dataclasses import dataclass, replace

from models.conditions import ALWAYS, NEVER, Condition, Every, Is, IsIn, Not, Some
from models.enums import Level, Right, TicketAction, TicketSharing
from models.tickets import Ticket

UNRESTRICTED = frozenset({Right.VIEW_ALL_TICKETS, Right.ADMINISTER})
GUEST_ACTIONS = frozenset({TicketAction.REPLY, TicketAction.UPDATE, TicketAction.VIEW})
"""What a guest may do in a department with limited view."""


@dataclass(frozen=True)
class Sight:
    """What decides for one operator, as of one `rights_version`."""

    operator_id: int
    version: int
    active: bool
    rights: frozenset[Right]
    restricted: bool
    sharing: TicketSharing
    departments: frozenset[int]
    """Of which they are members, children included."""
    public_departments: frozenset[int]
    """Opened to a group of theirs."""
    limited_departments: frozenset[int]
    members_only_departments: frozenset[int]
    groups: frozenset[int]
    """They are in, through operators, roles, roles with subordinates, groups in groups."""
    base: frozenset[int]
    """Categories held, at either level."""
    advanced: frozenset[int]
    """Categories held at ADVANCED."""
    below: frozenset[int]
    """Operators whose role is strictly below theirs."""
    groups_below: frozenset[int]
    """Groups with such a member."""
    default_department_id: int | None = None

    def scoped(self, scopes: frozenset[Right] | None) -> "Sight":
        """What is left of it to a program that holds these scopes; None for all.

        Scopes narrow what may be done with each module. Which tickets are in sight stays the
        operator's, and so do the single rights, where the module's is among the scopes.
        """
        if scopes is None:
            return self
        kept = {right for right in scopes if self.has(right)}
        if self.unrestricted:
            kept.add(Right.VIEW_ALL_TICKETS)
        if self.has(Right.TAKE_OVER_LOCK):
            kept.add(Right.TAKE_OVER_LOCK)
        return replace(self, rights=frozenset(kept))

    @property
    def unrestricted(self) -> bool:
        """Gate 2: the gates after it are skipped."""
        return not self.rights.isdisjoint(UNRESTRICTED)

    def has(self, right: Right) -> bool:
        """Whether the profile grants it; `administer` grants everything."""
        return self.active and (right in self.rights or Right.ADMINISTER in self.rights)

    # --- seeing

    def condition(self) -> Condition:
        """Which tickets they see; deleted ones aside, which nobody sees."""
        return Every((Is("deleted_at", None), self.gates()))

    def gates(self) -> Condition:
        """The five gates."""
        if not self.has(Right.TICKETS_VIEW):
            return NEVER
        if self.unrestricted:
            return ALWAYS
        return Every((self.department_gate(), self.category_gate(), self.sharing_gate()))

    def department_gate(self) -> Condition:
        """Gate 3."""
        return Some((self._department_of_mine(), self._guest_opening()))

    def category_gate(self) -> Condition:
        """Gate 4."""
        return Some(
            (
                Is("category_id", None),
                Every((IsIn("category_id", self.base), Is("level", Level.BASE))),
                IsIn("category_id", self.advanced),
                self.guest(),
            )
        )

    def sharing_gate(self) -> Condition:
        """Gate 5 for seeing."""
        return self.owning() if self.sharing is TicketSharing.PRIVATE else ALWAYS

    def owning(self) -> Condition:
        """Gate 5 as if `PRIVATE`."""
        unassigned = (Is("assignee_operator_id", None), Is("assignee_group_id", None))
        return Some(
            (
                self._assigned(),
                IsIn("assignee_operator_id", self.below),
                IsIn("assignee_group_id", self.groups_below),
                Is("creator_id", self.operator_id),
                Every((*unassigned, IsIn("creator_id", self.below))),
                Every((*unassigned, IsIn("department_id", self.departments))),
                Every((*unassigned, Is("department_id", None), Is("creator_id", None))),
            )
        )

    def guest(self) -> Condition:
        """They created it in a department public for them, and nothing else opens gate 3."""
        return Every((self._guest_opening(), Not(self._department_of_mine())))

    def _assigned(self) -> Condition:
        return Some(
            (
                Is("assignee_operator_id", self.operator_id),
                IsIn("assignee_group_id", self.groups),
            )
        )

    def _department_of_mine(self) -> Condition:
        if not self.restricted:
            return ALWAYS
        return Some(
            (Is("department_id", None), IsIn("department_id", self.departments), self._assigned())
        )

    def _guest_opening(self) -> Condition:
        return Every(
            (
                IsIn("department_id", self.public_departments),
                Is("creator_id", self.operator_id),
            )
        )

    def sees(self, ticket: Ticket) -> bool:
        """The same rule on a ticket in memory."""
        return self.condition().holds(ticket)

    # --- acting

    def may(self, action: TicketAction, ticket: Ticket) -> bool:
        """Whether they may, given that they see it; says nothing of locks and closed tickets."""
        if action is TicketAction.VIEW:
            return True
        if action is TicketAction.DELETE:
            return self.has(Right.TICKETS_DELETE)
        if not self.has(Right.TICKETS_WRITE):
            return False
        if action is TicketAction.TAKE_OVER_LOCK:
            return self.has(Right.TAKE_OVER_LOCK)
        if self.unrestricted:
            return True
        if self.sharing is TicketSharing.PUBLIC_READ and not self.owning().holds(ticket):
            return False
        return action in GUEST_ACTIONS or not self._guest_with_limits(ticket)

    def _guest_with_limits(self, ticket: Ticket) -> bool:
        limited = ticket.department_id in self.limited_departments
        return limited and self.guest().holds(ticket)

    def may_transfer_to(self, department_id: int) -> bool:
        """Whether tickets may be moved to this department."""
        return self.unrestricted or department_id in self.departments | self.public_departments

    def may_be_assignee_in(self, department_id: int | None) -> bool:
        """Whether the department's rule on assignees admits them."""
        return department_id not in self.members_only_departments or (
            department_id in self.departments
        )
