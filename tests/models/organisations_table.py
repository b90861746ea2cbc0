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
from models.enums import Level
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator
from models.tickets import Ticket
from tests.models.organisations import Organisation
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
