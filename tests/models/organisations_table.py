"""Organisations and their tickets in the database, with the ids the facts give them."""

import secrets
from random import Random

from models.desk import (
    Category,
    CategoryGrant,
    Department,
    DepartmentGroup,
    DepartmentOperator,
    Desk,
)
from models.enums import Level, Right
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator
from models.tickets import Ticket
from tests.models.organisations import Line, Organisation
from tests.models.tickets import NOON, ticket


async def save(made: Organisation) -> None:
    """Put it beside what is there, and make it this desk's settings."""
    await Desk.filter(id=1).update(
        restrict_to_departments=made.restricted,
        ticket_sharing=made.sharing,
        rights_version=secrets.randbelow(2**40),
    )
    await Department.bulk_create(
        Department(id=id, name=f"D{id}", parent_id=parent, limited_view=id in made.limited)
        for id, parent in made.departments.items()
    )
    await Category.bulk_create(Category(id=id, name=f"C{id}") for id in made.categories)
    await Profile.bulk_create(
        Profile(id=id, name=f"P{id}", rights=sorted(made.rights[id])) for id in made.roles
    )
    await Role.bulk_create(
        Role(id=id, name=f"R{id}", parent_id=parent, profile_id=id)
        for id, parent in made.roles.items()
    )
    await Operator.bulk_create(
        Operator(
            id=id,
            name=f"O{id}",
            email=f"o{id}@example.test",
            role_id=role,
            active=id not in made.inactive,
        )
        for id, role in made.operators.items()
    )
    await OperatorGroup.bulk_create(OperatorGroup(id=id, name=f"G{id}") for id in made.groups)
    await GroupMember.bulk_create(
        GroupMember(
            group_id=group,
            operator_id=line.operator,
            role_id=line.role,
            with_subordinates=line.with_subordinates,
            member_group_id=line.group,
        )
        for group, lines in made.groups.items()
        for line in lines
    )
    await _save_places(made)


async def _save_places(made: Organisation) -> None:
    await DepartmentOperator.bulk_create(
        DepartmentOperator(department_id=department, operator_id=operator)
        for department, operator in made.members
    )
    await DepartmentGroup.bulk_create(
        DepartmentGroup(department_id=department, group_id=group, public=public)
        for (department, group), public in made.ties.items()
    )
    await CategoryGrant.bulk_create(
        CategoryGrant(operator_id=operator, category_id=category, level=level)
        for (operator, category), level in made.grants.items()
    )


async def read() -> Organisation:
    """The facts as the tables have them now."""
    desk = await Desk.get(id=1)
    profiles = {one.id: {Right(right) for right in one.rights} for one in await Profile.all()}
    roles, departments, people = await Role.all(), await Department.all(), await Operator.all()
    groups = [one.id for one in await OperatorGroup.all()]
    lines = await GroupMember.all()
    return Organisation(
        restricted=desk.restrict_to_departments,
        sharing=desk.ticket_sharing,
        departments={one.id: one.parent_id for one in departments},
        limited={one.id for one in departments if one.limited_view},
        categories=[one.id for one in await Category.all()],
        roles={one.id: one.parent_id for one in roles},
        rights={one.id: profiles[one.profile_id] for one in roles},
        operators={one.id: one.role_id for one in people},
        inactive={one.id for one in people if not one.active},
        groups={id: [_line(one) for one in lines if one.group_id == id] for id in groups},
        members={(one.department_id, one.operator_id) for one in await DepartmentOperator.all()},
        ties={(one.department_id, one.group_id): one.public for one in await DepartmentGroup.all()},
        grants={(one.operator_id, one.category_id): one.level for one in await CategoryGrant.all()},
    )


def _line(row: GroupMember) -> Line:
    return Line(row.operator_id, row.role_id, row.with_subordinates, row.member_group_id)


def tickets(random: Random, made: Organisation, number: int) -> list[Ticket]:
    """Tickets of every kind in it, not yet saved."""
    return [_ticket(random, made) for _ in range(number)]


def _ticket(random: Random, made: Organisation) -> Ticket:
    operators = list(made.operators)
    to = random.choice(["nobody", "nobody", "operator", "group"])
    return ticket(
        department_id=random.choice([None, *made.departments]),
        category_id=random.choice([None, *made.categories]),
        level=random.choice(list(Level)),
        creator_id=random.choice([None, *operators]),
        assignee_operator_id=random.choice(operators) if to == "operator" else None,
        assignee_group_id=random.choice(list(made.groups)) if to == "group" else None,
        deleted_at=NOON if random.random() < 0.05 else None,
    )
