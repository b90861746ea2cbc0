"""The seeing and acting rule of an operator: loaded once, true in SQL and in memory."""

from dataclasses import dataclass, replace
from enum import StrEnum

from models.conditions import ALWAYS, NEVER, Condition, Every, Is, IsIn, Not, Some
from models.enums import Level, Right, TicketAction, TicketSharing
from models.tickets import Ticket

UNRESTRICTED = frozenset({Right.VIEW_ALL_TICKETS, Right.ADMINISTER})
NEEDED: dict[TicketAction, tuple[Right, ...]] = {
    **dict.fromkeys(TicketAction, (Right.TICKETS_WRITE,)),
    TicketAction.VIEW: (),
    TicketAction.DELETE: (Right.TICKETS_DELETE,),
    TicketAction.TAKE_OVER_LOCK: (Right.TICKETS_WRITE, Right.TAKE_OVER_LOCK),
}
"""The rights an action takes beyond seeing the ticket."""
CHANGES = frozenset(one for one, rights in NEEDED.items() if rights == (Right.TICKETS_WRITE,))
"""Actions that change what the ticket says, and are bound by sharing and limited view."""
GUEST_CHANGES = frozenset({TicketAction.REPLY, TicketAction.UPDATE})
"""Those a guest may do in a department with limited view."""


class Opening(StrEnum):
    """What may open gates 3 to 5: the terms of `permissions.md`, by name."""

    UNRESTRICTED = "UNRESTRICTED"
    NO_DEPARTMENT = "NO_DEPARTMENT"
    MEMBER = "MEMBER"
    GUEST = "GUEST"
    NO_CATEGORY = "NO_CATEGORY"
    BASE_GRANT = "BASE_GRANT"
    ADVANCED_GRANT = "ADVANCED_GRANT"
    SHARED = "SHARED"
    ASSIGNED = "ASSIGNED"
    GROUP_ASSIGNED = "GROUP_ASSIGNED"
    ASSIGNED_BELOW = "ASSIGNED_BELOW"
    GROUP_ASSIGNED_BELOW = "GROUP_ASSIGNED_BELOW"
    CREATED = "CREATED"
    CREATED_BELOW = "CREATED_BELOW"
    OF_DEPARTMENT = "OF_DEPARTMENT"
    OF_ANYBODY = "OF_ANYBODY"


Openings = dict[Opening, Condition]
"""A gate: it is open when any of these holds."""


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

    def deleted(self) -> Condition:
        """Which deleted tickets they know of: to who may not restore them, these never were."""
        if not self.has(Right.TICKETS_DELETE):
            return NEVER
        return Every((Not(Is("deleted_at", None)), self.gates()))

    def gates(self) -> Condition:
        """The five gates."""
        if not self.has(Right.TICKETS_VIEW):
            return NEVER
        if self.unrestricted:
            return ALWAYS
        return self.own_gates()

    def own_gates(self) -> Condition:
        """Gates 3 to 5, whether or not gate 2 skips them."""
        gates = (self.department_gate(), self.category_gate(), self.sharing_gate())
        return Every(tuple(_any(gate) for gate in gates))

    def department_gate(self) -> Openings:
        """Gate 3."""
        return {**self._department_of_mine(), Opening.GUEST: self.guest()}

    def category_gate(self) -> Openings:
        """Gate 4."""
        base = Every((IsIn("category_id", self.base), Is("level", Level.BASE)))
        return {
            Opening.NO_CATEGORY: Is("category_id", None),
            Opening.BASE_GRANT: base,
            Opening.ADVANCED_GRANT: IsIn("category_id", self.advanced),
            Opening.GUEST: self.guest(),
        }

    def sharing_gate(self) -> Openings:
        """Gate 5 for seeing."""
        private = self.sharing is TicketSharing.PRIVATE
        return self.owning() if private else {Opening.SHARED: ALWAYS}

    def owning(self) -> Openings:
        """Gate 5 as if `PRIVATE`."""
        nobodys = (Is("assignee_operator_id", None), Is("assignee_group_id", None))
        of_anybody = Every((*nobodys, Is("department_id", None), Is("creator_id", None)))
        return {
            **self._assigned(),
            Opening.ASSIGNED_BELOW: IsIn("assignee_operator_id", self.below),
            Opening.GROUP_ASSIGNED_BELOW: IsIn("assignee_group_id", self.groups_below),
            Opening.CREATED: Is("creator_id", self.operator_id),
            Opening.CREATED_BELOW: Every((*nobodys, IsIn("creator_id", self.below))),
            Opening.OF_DEPARTMENT: Every((*nobodys, IsIn("department_id", self.departments))),
            Opening.OF_ANYBODY: of_anybody,
        }

    def guest(self) -> Condition:
        """They created it in a department public for them, and nothing else opens gate 3."""
        return Every(
            (
                IsIn("department_id", self.public_departments),
                Is("creator_id", self.operator_id),
                Not(_any(self._department_of_mine())),
            )
        )

    def _assigned(self) -> Openings:
        return {
            Opening.ASSIGNED: Is("assignee_operator_id", self.operator_id),
            Opening.GROUP_ASSIGNED: IsIn("assignee_group_id", self.groups),
        }

    def _department_of_mine(self) -> Openings:
        if not self.restricted:
            return {Opening.UNRESTRICTED: ALWAYS}
        return {
            Opening.NO_DEPARTMENT: Is("department_id", None),
            Opening.MEMBER: IsIn("department_id", self.departments),
            **self._assigned(),
        }

    def sees(self, ticket: Ticket) -> bool:
        """The same rule on a ticket in memory."""
        return self.condition().holds(ticket)

    # --- acting

    def may(self, action: TicketAction, ticket: Ticket) -> bool:
        """Whether they may, given that they see it; says nothing of locks and closed tickets."""
        return self.acting(action).holds(ticket)

    def acting(self, action: TicketAction) -> Condition:
        """On which of the tickets they see."""
        if not all(self.has(right) for right in NEEDED[action]):
            return NEVER
        if self.unrestricted or action not in CHANGES:
            return ALWAYS
        return Every((_any(self.ownership_gate()), self.limits_gate(action)))

    def ownership_gate(self) -> Openings:
        """Gate 5 for changing: what all may read, its owners change."""
        read_only = self.sharing is TicketSharing.PUBLIC_READ
        return self.owning() if read_only else {Opening.SHARED: ALWAYS}

    def limits_gate(self, action: TicketAction) -> Condition:
        """What limited view keeps from guests."""
        if action in GUEST_CHANGES:
            return ALWAYS
        return Not(Every((IsIn("department_id", self.limited_departments), self.guest())))

    def may_transfer_to(self, department_id: int) -> bool:
        """Whether tickets may be moved to this department."""
        return self.unrestricted or department_id in self.departments | self.public_departments

    def may_be_assignee_in(self, department_id: int | None) -> bool:
        """Whether the department's rule on assignees admits them."""
        return department_id not in self.members_only_departments or (
            department_id in self.departments
        )


def _any(gate: Openings) -> Condition:
    return Some(tuple(gate.values()))
