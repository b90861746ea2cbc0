"""What opened a gate, in words, and the row that decided."""

from collections.abc import Awaitable, Callable

from tortoise.models import Model

from models.desk import (
    Category,
    CategoryGrant,
    Department,
    DepartmentGroup,
    DepartmentOperator,
)
from models.enums import Level
from models.hierarchy import OperatorGroup, Role
from models.people import Operator
from models.sight import Opening, Openings, Sight
from models.tickets import Ticket

Reason = tuple[str, Model | None]
Finder = Callable[[Sight, Ticket], Awaitable[Reason]]


def first_open(openings: Openings, ticket: Ticket) -> Opening | None:
    """The first of a gate's openings that lets the ticket through."""
    return next((one for one, condition in openings.items() if condition.holds(ticket)), None)


async def reason(opening: Opening | None, gate: str, sight: Sight, ticket: Ticket) -> Reason:
    """Why the gate is open, or shut."""
    if opening is not None:
        return await OPEN[opening](sight, ticket)
    return await SHUT[gate](sight, ticket)


async def _said(text: str, row: Model | None = None) -> Reason:
    return text, row


def _plainly(text: str) -> Finder:
    return lambda _sight, _ticket: _said(text)


async def _member(sight: Sight, ticket: Ticket) -> Reason:
    """The nearest department, from the ticket's upwards, that they are a member of, and how."""
    every = {one.id: one for one in await Department.all()}
    in_person = {
        one.department_id for one in await DepartmentOperator.filter(operator_id=sight.operator_id)
    }
    through = await _ties(sight, public=False)
    own = joined = every[ticket.department_id or 0]
    while joined.parent_id is not None and joined.id not in in_person | set(through):
        joined = every[joined.parent_id]
    what = joined.name if joined.id == own.id else f"{joined.name}, which {own.name} is under"
    if joined.id in in_person or joined.id not in through:
        return f"Member of {what}.", joined
    return f"Member, through the group {through[joined.id]}, of {what}.", joined


async def _guest(sight: Sight, ticket: Ticket) -> Reason:
    department = await Department.get(id=ticket.department_id)
    group = (await _ties(sight, public=True)).get(department.id, "a group of theirs")
    return f"Guest: opened it in {department.name}, public to {group}.", department


async def _ties(sight: Sight, *, public: bool) -> dict[int, str]:
    """Of each department that a group they are in is a member or a guest of, the group's name."""
    ties = DepartmentGroup.filter(public=public, group_id__in=sorted(sight.groups))
    names = {one.id: one.name for one in await OperatorGroup.filter(id__in=sorted(sight.groups))}
    return {one.department_id: names[one.group_id] for one in await ties.order_by("-id")}


async def _grant(sight: Sight, ticket: Ticket) -> Reason:
    category = await Category.get(id=ticket.category_id)
    grant = await CategoryGrant.get(operator_id=sight.operator_id, category_id=category.id)
    return f"Handles {category.name} at level {grant.level.value}.", grant


async def _assigned(sight: Sight, _ticket: Ticket) -> Reason:
    return "It is assigned to them.", await Operator.get(id=sight.operator_id)


async def _group(_sight: Sight, ticket: Ticket) -> Reason:
    group = await OperatorGroup.get(id=ticket.assignee_group_id)
    return f"It is assigned to {group.name}, which they are in.", group


async def _group_below(_sight: Sight, ticket: Ticket) -> Reason:
    group = await OperatorGroup.get(id=ticket.assignee_group_id)
    return f"It is assigned to {group.name}, which a subordinate of theirs is in.", group


async def _assigned_below(_sight: Sight, ticket: Ticket) -> Reason:
    return await _superior(ticket.assignee_operator_id, "It is assigned to")


async def _created_below(_sight: Sight, ticket: Ticket) -> Reason:
    return await _superior(ticket.creator_id, "It is nobody's, and was opened by")


async def _superior(id: int | None, did: str) -> Reason:
    operator = await Operator.get(id=id)
    role = await Role.get(id=operator.role_id)
    return f"{did} {operator.name}, whose role {role.name} is below theirs.", role


async def _created(sight: Sight, _ticket: Ticket) -> Reason:
    return "They opened it.", await Operator.get(id=sight.operator_id)


async def _of_department(_sight: Sight, ticket: Ticket) -> Reason:
    department = await Department.get(id=ticket.department_id)
    return f"It is nobody's, of {department.name}, which is theirs.", department


OPEN: dict[Opening, Finder] = {
    Opening.UNRESTRICTED: _plainly("The desk does not restrict operators to departments."),
    Opening.NO_DEPARTMENT: _plainly("The ticket has no department."),
    Opening.MEMBER: _member,
    Opening.GUEST: _guest,
    Opening.NO_CATEGORY: _plainly("The ticket has no category."),
    Opening.BASE_GRANT: _grant,
    Opening.ADVANCED_GRANT: _grant,
    Opening.SHARED: _plainly("The desk shares tickets among operators."),
    Opening.ASSIGNED: _assigned,
    Opening.GROUP_ASSIGNED: _group,
    Opening.ASSIGNED_BELOW: _assigned_below,
    Opening.GROUP_ASSIGNED_BELOW: _group_below,
    Opening.CREATED: _created,
    Opening.CREATED_BELOW: _created_below,
    Opening.OF_DEPARTMENT: _of_department,
    Opening.OF_ANYBODY: _plainly("A contact opened it, and it is nobody's, of no department."),
}


async def _no_department(_sight: Sight, ticket: Ticket) -> Reason:
    department = await Department.get(id=ticket.department_id)
    return f"Not a member of {department.name}, and it is not assigned to them.", department


async def _no_grant(sight: Sight, ticket: Ticket) -> Reason:
    category = await Category.get(id=ticket.category_id)
    grants = CategoryGrant.filter(operator_id=sight.operator_id, category_id=category.id)
    grant = await grants.first()
    if grant is None:
        return f"Does not handle {category.name}.", category
    return f"Handles {category.name} at {Level.BASE.value}; the ticket is ADVANCED.", grant


_not_theirs = _plainly("It is neither theirs, nor a subordinate's, nor nobody's of their own.")
SHUT: dict[str, Finder] = {
    "DEPARTMENT": _no_department,
    "CATEGORY": _no_grant,
    "SHARING": _not_theirs,
    "OWNERSHIP": _not_theirs,
}
