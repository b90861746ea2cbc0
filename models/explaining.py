"""Why an operator may or may not do something with a ticket: each gate, and what decided."""

from dataclasses import dataclass
from enum import StrEnum

from tortoise.models import Model

from models.enums import Right, TicketAction
from models.openings import first_open, reason
from models.people import Operator
from models.sight import CHANGES, NEEDED, Openings, Sight
from models.sights import profile_of, sight_of
from models.tickets import Ticket


class GateName(StrEnum):
    """What must hold."""

    PROFILE = "PROFILE"
    VIEW_ALL = "VIEW_ALL"
    DEPARTMENT = "DEPARTMENT"
    CATEGORY = "CATEGORY"
    SHARING = "SHARING"
    DELETED = "DELETED"
    RIGHT = "RIGHT"
    OWNERSHIP = "OWNERSHIP"
    GUEST = "GUEST"
    CLOSED = "CLOSED"
    LOCK = "LOCK"
    OFFERED = "OFFERED"


@dataclass(frozen=True)
class Gate:
    """One of them."""

    name: GateName
    open: bool
    because: str
    decided_by: Model | None = None


@dataclass(frozen=True)
class Explanation:
    """All that was asked; with VIEW_ALL open, DEPARTMENT, CATEGORY and SHARING are not."""

    gates: list[Gate]

    @property
    def allowed(self) -> bool:
        """Whether every gate is open; VIEW_ALL only skips others, and need not be."""
        return all(gate.open for gate in self.gates if gate.name is not GateName.VIEW_ALL)


FINAL = frozenset({TicketAction.VIEW, TicketAction.DELETE})
"""What a closed ticket still allows."""


UNBUILT = frozenset({TicketAction.CONVERT})
"""What no mutation does yet, whatever the rights."""


async def explain(operator_id: int, ticket: Ticket, action: TicketAction) -> Explanation:
    """Whether the operator may, as the product would answer now.

    Whether a gate is open is the sight's own word, only the reasons are looked up. Raises
    LookupError for no such operator.
    """
    sight = await sight_of(operator_id)
    operator = await Operator.get(id=operator_id)
    gates = [*await _seeing(sight, operator, ticket), *await _acting(sight, ticket, action)]
    return Explanation([*gates, *await _state(sight, ticket, action)])


async def _seeing(sight: Sight, operator: Operator, ticket: Ticket) -> list[Gate]:
    profile = await profile_of(operator)
    views = sight.has(Right.TICKETS_VIEW)
    if not operator.active:
        why = f"{operator.name} is deactivated."
    else:
        why = f"The profile {profile.name} {'grants' if views else 'lacks'} tickets.view."
    gates = [Gate(GateName.PROFILE, views, why, profile if operator.active else operator)]
    every = sight.unrestricted
    why = f"The profile {profile.name} {'sees' if every else 'does not see'} all tickets."
    gates.append(Gate(GateName.VIEW_ALL, every, why, profile))
    if not every:
        for name, openings in (
            (GateName.DEPARTMENT, sight.department_gate()),
            (GateName.CATEGORY, sight.category_gate()),
            (GateName.SHARING, sight.sharing_gate()),
        ):
            gates.append(await _gate(name, openings, sight, ticket))
    return gates


async def _acting(sight: Sight, ticket: Ticket, action: TicketAction) -> list[Gate]:
    gates: list[Gate] = []
    for right in NEEDED[action]:
        has = sight.has(right)
        why = f"Their profile {'grants' if has else 'lacks'} {right.value}."
        gates.append(Gate(GateName.RIGHT, has, why))
    if action in CHANGES and not sight.unrestricted:
        gates.append(await _gate(GateName.OWNERSHIP, sight.ownership_gate(), sight, ticket))
        free = sight.limits_gate(action).holds(ticket)
        why = (
            "No limited view binds them here."
            if free
            else ("A guest where the department has limited view may only reply and edit.")
        )
        gates.append(Gate(GateName.GUEST, free, why))
    return gates


async def _state(sight: Sight, ticket: Ticket, action: TicketAction) -> list[Gate]:
    deleted = ticket.deleted_at is not None
    gates: list[Gate] = []
    if action in UNBUILT:
        gates.append(Gate(GateName.OFFERED, False, "The desk has no cases yet: nobody can."))
    gates.append(
        Gate(
            GateName.DELETED,
            not deleted or action is TicketAction.DELETE,
            "It is deleted: it can be restored." if deleted else "It is not deleted.",
        )
    )
    if action not in FINAL:
        why = "Closed is final." if ticket.closed else "It is open."
        gates.append(Gate(GateName.CLOSED, not ticket.closed, why))
    if action is not TicketAction.VIEW:
        gates.append(await _lock(sight, ticket, action))
    return gates


async def _lock(sight: Sight, ticket: Ticket, action: TicketAction) -> Gate:
    held = ticket.locked_by_other(sight.operator_id)
    holder = await Operator.get_or_none(id=ticket.lock_holder_id or 0) if held else None
    why = f"{holder.name} holds the reply lock." if holder else "Nobody else holds the reply lock."
    wanted = action is TicketAction.TAKE_OVER_LOCK
    return Gate(GateName.LOCK, held is wanted, why, holder)


async def _gate(name: GateName, openings: Openings, sight: Sight, ticket: Ticket) -> Gate:
    opening = first_open(openings, ticket)
    why, row = await reason(opening, name.value, sight, ticket)
    return Gate(name, opening is not None, why, row)
