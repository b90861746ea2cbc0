"""The desk once it is set up: what conversations need to know of the organisation."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.demo import organisation
from models.callers import OperatorCaller
from models.desk import (
    Category,
    CategoryGrant,
    Department,
    DepartmentGroup,
    DepartmentOperator,
)
from models.enums import Level, Right
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator
from models.sights import members_of, sight_of
from models.tickets import Ticket

NO_SESSION = 0
"""Nobody of the demo ever signed in."""


@dataclass(frozen=True)
class DemoDesk:
    """Departments, categories, groups and operators, by name."""

    departments: Mapping[str, Department]
    categories: Mapping[str, Category]
    groups: Mapping[str, OperatorGroup]
    members: Mapping[int, list[OperatorCaller]]
    """Of a group, by its id."""
    staff: Mapping[str, OperatorCaller]

    @property
    def admin(self) -> OperatorCaller:
        """Who sees everything."""
        return self.staff[organisation.ADMIN]

    def department(self, id: int | None) -> Department | None:
        """The department of this id."""
        return next((one for one in self.departments.values() if one.id == id), None)

    def category(self, id: int | None) -> Category | None:
        """The category of this id."""
        return next((one for one in self.categories.values() if one.id == id), None)

    def seeing(self, ticket: Ticket) -> list[OperatorCaller]:
        """Operators who see the ticket as it is, apart from the administrator."""
        return [
            one
            for one in self.staff.values()
            if not one.sight.unrestricted and one.sight.sees(ticket)
        ]

    def assignee(self, ticket: Ticket) -> list[OperatorCaller]:
        """The operator, or the members of the group, that the ticket is assigned to."""
        if ticket.assignee_group_id is not None:
            return self.members[ticket.assignee_group_id]
        return [one for one in self.staff.values() if one.id == ticket.assignee_operator_id]

    def assignee_name(self, ticket: Ticket) -> str | None:
        """The assignee in words."""
        if ticket.assignee_group_id is not None:
            return next(
                one.name for one in self.groups.values() if one.id == ticket.assignee_group_id
            )
        return next((one.operator.name for one in self.assignee(ticket)), None)


async def set_up(password_hash: str) -> DemoDesk:
    """Write the whole organisation, and load who sees what."""
    departments = await _departments()
    operators = await _operators(departments, password_hash)
    groups = await _groups(operators, departments)
    categories = await _categories(operators, departments)
    staff = {
        name: OperatorCaller(operator, NO_SESSION, await sight_of(operator.id))
        for name, operator in operators.items()
    }
    members = {
        group.id: [one for one in staff.values() if one.id in await members_of(group.id)]
        for group in groups.values()
    }
    return DemoDesk(departments, categories, groups, members, staff)


async def _departments() -> dict[str, Department]:
    made: dict[str, Department] = {}
    for plan in organisation.DEPARTMENTS:
        made[plan.name] = await Department.create(
            name=plan.name,
            email=plan.email,
            parent_id=made[plan.parent].id if plan.parent else None,
            hidden=plan.hidden,
            limited_view=plan.limited_view,
            assignees_members_only=plan.assignees_members_only,
            offered_for_solving=plan.offered_for_solving,
            staff_name=plan.staff_name,
        )
    return made


async def _operators(departments: Mapping[str, Department], hash: str) -> dict[str, Operator]:
    roles = await _roles()
    made: dict[str, Operator] = {}
    for plan in organisation.OPERATORS:
        home = departments[plan.department] if plan.department else None
        made[plan.name] = await Operator.create(
            name=plan.name,
            email=plan.email,
            password_hash=hash,
            role_id=roles[plan.role].id,
            default_department_id=home.id if home else None,
            language=plan.language,
            time_zone="Europe/Rome",
        )
        if home is not None:
            await DepartmentOperator.create(department_id=home.id, operator_id=made[plan.name].id)
    return made


async def _roles() -> dict[str, Role]:
    profiles: dict[str, Profile] = {}
    for name, rights in organisation.PROFILES.items():
        profiles[name] = await Profile.create(
            name=name, rights=[Right(one).value for one in rights]
        )
    made: dict[str, Role] = {}
    for plan in organisation.ROLES:
        made[plan.name] = await Role.create(
            name=plan.name,
            parent_id=made[plan.parent].id if plan.parent else None,
            profile_id=profiles[plan.profile].id,
        )
    return made


async def _groups(
    operators: Mapping[str, Operator], departments: Mapping[str, Department]
) -> dict[str, OperatorGroup]:
    made: dict[str, OperatorGroup] = {}
    for name, members in organisation.GROUPS.items():
        made[name] = await OperatorGroup.create(name=name)
        for member in members:
            await GroupMember.create(group_id=made[name].id, operator_id=operators[member].id)
    for group, department in organisation.PUBLIC_DEPARTMENTS.items():
        await DepartmentGroup.create(
            department_id=departments[department].id, group_id=made[group].id, public=True
        )
    return made


async def _categories(
    operators: Mapping[str, Operator], departments: Mapping[str, Department]
) -> dict[str, Category]:
    made: dict[str, Category] = {}
    for position, plan in enumerate(organisation.CATEGORIES):
        category = made[plan.name] = await Category.create(
            name=plan.name,
            description=plan.description,
            parent_id=made[plan.parent].id if plan.parent else None,
            visible=plan.visible,
            department_id=departments[plan.department].id if plan.department else None,
            initial_level=plan.initial_level,
            archived=plan.archived,
            position=position,
        )
        for level, names in ((Level.BASE, plan.base), (Level.ADVANCED, plan.advanced)):
            for name in names:
                await CategoryGrant.create(
                    operator_id=operators[name].id, category_id=category.id, level=level
                )
    return made
