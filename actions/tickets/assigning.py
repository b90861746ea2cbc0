"""Whose a ticket is: assign, let go, take the next."""

from dataclasses import dataclass

from actions.guard import Demand, take
from actions.refusals import AssigneeCannotSee, NothingToTake, NotPermitted, invalid
from actions.tickets.consequences import assignee_name, finish, unseeing_members
from actions.tickets.outcome import Moved
from actions.tickets.requests import Assign
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models import rows
from models.callers import OperatorCaller
from models.conditions import Condition, Every, Is, IsIn, Some
from models.desk import Department
from models.enums import Right, SystemEventKind, TicketAction, Turn
from models.hierarchy import OperatorGroup
from models.people import Operator
from models.sight import Sight
from models.sights import members_of, sight_for, sight_of, sights_of
from models.sql import Statement
from models.tickets import Ticket


@dataclass(frozen=True)
class Assignee:
    """To whom: at most one of the two."""

    operator: Operator | None = None
    group: OperatorGroup | None = None

    @property
    def name(self) -> str | None:
        """In words; None for nobody."""
        who = self.operator or self.group
        return who.name if who else None


@dataclass(frozen=True)
class Assigned:
    """The ticket after, and the group's members out of whose sight it is."""

    moved: Moved
    cannot_see: list[Operator]


async def assign(request: Assign, by: OperatorCaller) -> Assigned:
    """Give the ticket to an operator or a group, or let it go.

    Raises NotFound, NotPermitted, InvalidInput, AssigneeCannotSee, TicketAlreadyClosed, LockLost,
    TicketLocked.
    """

    async def do() -> Assigned:
        assignee = Assignee()
        blind: list[int] = []

        async def check(ticket: Ticket) -> None:
            nonlocal assignee
            assignee = await find_assignee(request.assignee)
            blind[:] = await check_assignee(assignee, ticket)

        demand = Demand(TicketAction.ASSIGN, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        await check(ticket)
        cannot_see = await Operator.filter(id__in=blind).order_by("name", "id") if blind else []
        if _has(ticket, assignee):
            return Assigned(Moved(ticket, in_sight=True), cannot_see)
        writing = await Writing.on(ticket, by)
        before = await assignee_name(ticket)
        give(ticket, assignee)
        writing.event(SystemEventKind.ASSIGNED, ("assignee", before, assignee.name))
        return Assigned(await finish(writing, by, "ticket.assign"), cannot_see)

    return await unit_of_work(do)


async def take_next(department_id: int | None, by: OperatorCaller) -> Ticket:
    """Take the ticket that has waited longest for an operator, and assign it to the caller.

    It is in the caller's sight, nobody's or their group's, its lock free, and its department is
    offered for solving. Two operators at once get two tickets. Raises NotPermitted, NothingToTake.
    """

    async def do() -> Ticket:
        sight = await sight_for(by)
        if not sight.has(Right.TICKETS_WRITE):
            raise NotPermitted(TicketAction.ASSIGN)
        ticket = await _hold_oldest(await _takeable(sight, department_id))
        if ticket is None or not sight.may(TicketAction.ASSIGN, ticket):
            raise NothingToTake
        writing = await Writing.on(ticket, by)
        before = await assignee_name(ticket)
        give(ticket, Assignee(operator=by.operator))
        writing.event(SystemEventKind.ASSIGNED, ("assignee", before, by.operator.name))
        return (await finish(writing, by, "ticket.take_next")).ticket

    return await unit_of_work(do)


async def find_assignee(wanted: tuple[str, int] | None, path: str = "assigneeId") -> Assignee:
    """The active operator or the group; raises InvalidInput when there is none."""
    if wanted is None:
        return Assignee()
    kind, id = wanted
    if kind == "operator":
        operator = await Operator.get_or_none(id=id, active=True)
        if operator is not None:
            return Assignee(operator=operator)
    elif kind == "group":
        group = await OperatorGroup.get_or_none(id=id)
        if group is not None and await rows.stays("operator_group", group.id):
            return Assignee(group=group)
    raise invalid(path, "Choose an active operator or a group.")


async def check_assignee(assignee: Assignee, ticket: Ticket, path: str = "assigneeId") -> list[int]:
    """Members of the group who will not see the ticket.

    Raises InvalidInput where the department admits members only, AssigneeCannotSee when nobody of
    those assigned would see it.
    """
    after = _with(ticket, assignee)
    if assignee.operator is not None:
        sight = await sight_of(assignee.operator.id)
        if not sight.may_be_assignee_in(ticket.department_id):
            raise invalid(path, "This department's tickets go to its members only: choose one.")
        if not sight.sees(after):
            raise AssigneeCannotSee(assignee.operator)
    if assignee.group is not None:
        sights = await sights_of(sorted(await members_of(assignee.group.id)))
        members = [one for one in sights if one.active]
        if members and not any(one.may_be_assignee_in(ticket.department_id) for one in members):
            raise invalid(path, "No member of this group is a member of the department.")
        blind, seeing = await unseeing_members(assignee.group.id, after)
        if not seeing:
            raise AssigneeCannotSee(assignee.group)
        return blind
    return []


def give(ticket: Ticket, assignee: Assignee) -> None:
    """Set the assignment on the row."""
    ticket.assignee_operator_id = assignee.operator.id if assignee.operator else None
    ticket.assignee_group_id = assignee.group.id if assignee.group else None


def _has(ticket: Ticket, assignee: Assignee) -> bool:
    return ticket.assignee_operator_id == (
        assignee.operator.id if assignee.operator else None
    ) and ticket.assignee_group_id == (assignee.group.id if assignee.group else None)


def _with(ticket: Ticket, assignee: Assignee) -> Ticket:
    """A copy of the ticket as it would be, never to be saved."""
    after = ticket.clone(pk=ticket.id)
    give(after, assignee)
    return after


async def _takeable(sight: Sight, department_id: int | None) -> Condition:
    offered = await Department.filter(offered_for_solving=True)
    mine = frozenset(one.id for one in offered if sight.may_be_assignee_in(one.id))
    wanted = mine if department_id is None else mine & {department_id}
    return Every(
        (
            sight.condition(),
            Is("turn", Turn.OPERATOR),
            IsIn("department_id", wanted),
            Is("assignee_operator_id", None),
            Some((Is("assignee_group_id", None), IsIn("assignee_group_id", sight.groups))),
            sight.acting(TicketAction.ASSIGN),
        )
    )


async def _hold_oldest(takeable: Condition) -> Ticket | None:
    """Take the row of the one that waited longest; rows held by others are skipped."""
    to = Statement()
    skip = "FOR UPDATE SKIP LOCKED" if to.postgres else ""
    sql = f"""
        UPDATE ticket SET seq = seq WHERE id = (
            SELECT t.id FROM ticket t WHERE {takeable.sql(to)}
              AND (t.lock_holder_id IS NULL OR t.lock_expires <= {to.now})
            ORDER BY t.last_contact_post_at ASC NULLS LAST, t.id LIMIT 1 {skip})
        RETURNING *, {rows.LOCKED.format(now=to.now)}"""
    held = await rows.load(sql, to)
    return held[0] if held else None
