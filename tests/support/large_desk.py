"""A large organisation: trees, hundreds of grants, groups within groups; beside what is there."""

from dataclasses import dataclass
from random import Random

from tortoise.models import Model

from actions.operators import rights_changed
from actions.unit_of_work import unit_of_work
from models.desk import Category, CategoryGrant, Department, DepartmentGroup, DepartmentOperator
from models.enums import Level, Right
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator

FIRST = 10_000
"""Ids begin here, far from what the sequences of the tables give out."""
DEPARTMENTS, CATEGORIES, GRANTS, OPERATORS, ROLES, CHAINS, LEVELS = 50, 200, 500, 40, 10, 4, 5
RIGHTS = [Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.CONTACTS_VIEW]


@dataclass(frozen=True)
class LargeDesk:
    """The ids of what was made."""

    departments: list[int]
    categories: list[int]
    operators: list[int]
    groups: list[int]
    """In chains: each but the last of a chain is made of one line and the next."""
    routes: dict[int, int]
    """Category → the department it routes to."""


async def enlarge() -> LargeDesk:
    """50 departments in a tree, 200 categories, 500 grants, 40 operators, 4 times 5 groups."""
    random = Random(4)  # noqa: S311 - a seed, not a secret
    departments, categories, roles = (_ids(n) for n in (DEPARTMENTS, CATEGORIES, ROLES))
    desk = LargeDesk(
        departments=departments,
        categories=categories,
        operators=_ids(OPERATORS),
        groups=_ids(CHAINS * LEVELS),
        routes={id: departments[n % DEPARTMENTS] for n, id in enumerate(categories)},
    )
    await Department.bulk_create(
        Department(id=id, name=f"Department {id}", parent_id=_parent(departments, n, 4))
        for n, id in enumerate(departments)
    )
    await Category.bulk_create(
        Category(
            id=id,
            name=f"Category {id}",
            parent_id=_parent(categories, n, 6),
            department_id=desk.routes[id],
        )
        for n, id in enumerate(categories)
    )
    await Profile.create(id=FIRST, name="Large", rights=[right.value for right in RIGHTS])
    await Role.bulk_create(
        Role(id=id, name=f"Role {id}", parent_id=_parent(roles, n, 3), profile_id=FIRST)
        for n, id in enumerate(roles)
    )
    await Operator.bulk_create(
        Operator(
            id=id,
            name=f"Operator {id}",
            email=f"o{id}@large.test",
            role_id=roles[n % ROLES],
        )
        for n, id in enumerate(desk.operators)
    )
    await _groups(desk, roles)
    await _places(random, desk)
    await unit_of_work(rights_changed)
    return desk


async def _groups(desk: LargeDesk, roles: list[int]) -> None:
    await OperatorGroup.bulk_create(OperatorGroup(id=id, name=f"Group {id}") for id in desk.groups)
    lines: list[GroupMember] = []
    for n, id in enumerate(desk.groups):
        lines.append(GroupMember(group_id=id, operator_id=desk.operators[n]))
        if n % LEVELS < LEVELS - 1:
            lines.append(GroupMember(group_id=id, member_group_id=desk.groups[n + 1]))
        else:
            leaf = roles[-1 - n // LEVELS]
            lines.append(GroupMember(group_id=id, role_id=leaf, with_subordinates=True))
    await GroupMember.bulk_create(lines)


async def _places(random: Random, desk: LargeDesk) -> None:
    """Each operator in two departments, a fifth of the groups member, another fifth guest."""
    members = {
        (department, id)
        for id in desk.operators
        for department in random.sample(desk.departments, 2)
    }
    await DepartmentOperator.bulk_create(
        DepartmentOperator(department_id=department, operator_id=id)
        for department, id in sorted(members)
    )
    await DepartmentGroup.bulk_create(
        DepartmentGroup(
            department_id=random.choice(desk.departments), group_id=id, public=n % LEVELS == 1
        )
        for n, id in enumerate(desk.groups)
        if n % LEVELS in (0, 1)
    )
    pairs = _pairs(random, desk, members)
    await CategoryGrant.bulk_create(
        CategoryGrant(operator_id=operator, category_id=category, level=random.choice(list(Level)))
        for operator, category in pairs
    )


def _pairs(random: Random, desk: LargeDesk, members: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """Who handles what: of the departments they are in at first, then whatever else."""
    near = [
        (operator, category)
        for department, operator in sorted(members)
        for category in desk.categories
        if desk.routes[category] == department
    ]
    far = [(operator, category) for operator in desk.operators for category in desk.categories]
    random.shuffle(far)
    return sorted(list(dict.fromkeys([*near, *far]))[:GRANTS])


def _ids(number: int) -> list[int]:
    return list(range(FIRST, FIRST + number))


def _parent(ids: list[int], place: int, children: int) -> int | None:
    """A tree in which each has so many children; in order, parents first."""
    return ids[(place - 1) // children] if place else None


SIZES: dict[type[Model], int] = {
    Department: DEPARTMENTS,
    Category: CATEGORIES,
    CategoryGrant: GRANTS,
    Operator: OPERATORS,
    OperatorGroup: CHAINS * LEVELS,
}
"""What `enlarge` adds of each."""
