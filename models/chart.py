"""The chart of the organisation: who is where, loaded once for all as of one `rights_version`."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.desk import CategoryGrant, Department, DepartmentGroup, DepartmentOperator, Desk
from models.enums import Level
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator
from models.sql import in_transaction
from models.tree import Tree

Ids = frozenset[int]
Map = dict[int, Ids]
"""Ids by id; who has none is not in it."""
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Chart:
    """What all sights share. By operator wherever a sight asks: it looks up, and walks nothing."""

    desk: Desk
    operators: dict[int, Operator]
    roles: dict[int, Role]
    profiles: dict[int, Profile]
    below: Map
    """Role → the operators whose role is strictly below it."""
    members: Map
    """Group → its operators, through every kind of membership; inactive ones included."""
    groups: Map
    """Operator → the groups they are in."""
    departments: Map
    """Operator → where they belong, in person or through groups; those below not listed."""
    public_departments: Map
    """Operator → where a group of theirs is guest."""
    department_tree: Tree
    limited_departments: Ids
    members_only_departments: Ids
    base: Map
    """Operator → the categories they handle, at either level."""
    advanced: Map
    """Operator → those at ADVANCED."""
    group_defaults: dict[int, int]
    """Group → its default department, where it has one."""

    def groups_with(self, operators: Ids) -> Ids:
        """The groups that any of these is in."""
        return NONE.union(*(self.groups.get(id, NONE) for id in operators))

    def default_department_of(self, operator: Operator) -> int | None:
        """Their own, else that of the first of their groups that has one."""
        mine = sorted(self.groups.get(operator.id, NONE) & self.group_defaults.keys())
        return operator.default_department_id or (self.group_defaults[mine[0]] if mine else None)


_charts: dict[int, Chart] = {}
"""The latest, by version; versions of two desks never meet, for they begin at random."""
_loading: list[asyncio.Future[Chart | None]] = []
"""What others outside a transaction wait for; None when it came to nothing."""


async def chart_of(desk: Desk) -> Chart:
    """The chart as of the desk's version, just read, or of a later one.

    A dozen statements when rights have changed, else none. Who asks at the same time waits for the
    first; but nobody waits in a transaction, which may hold what the first is waiting for.
    """
    while True:
        known = _charts.get(desk.rights_version)
        if known is not None:
            return known
        if in_transaction():
            return await _loaded(desk)
        if not _loading:
            return await _first(desk)
        came = await asyncio.shield(_loading[0])
        if came is not None and came.desk.rights_version >= desk.rights_version:
            return came  # an older one may have been complete before we read the version


async def _first(desk: Desk) -> Chart:
    loading = asyncio.get_running_loop().create_future()
    _loading.append(loading)
    found: Chart | None = None
    try:
        found = await _loaded(desk)
        return found
    finally:
        _loading.clear()
        loading.set_result(found)


async def _loaded(desk: Desk) -> Chart:
    while True:
        found = await _read(desk)
        after = await Desk.get(id=1)
        if after.rights_version == desk.rights_version:
            break
        desk = after  # rights moved between two of our statements: what was read is of no version
    _charts.clear()
    _charts[desk.rights_version] = found
    return found


async def _read(desk: Desk) -> Chart:
    operators = {one.id: one for one in await Operator.all()}
    roles = {one.id: one for one in await Role.all()}
    role_tree = Tree({one.id: one.parent_id for one in roles.values()})
    departments = await Department.all()
    holders = _gathered((one.role_id, one.id) for one in operators.values())
    members = _members(await GroupMember.all(), holders, role_tree)
    groups = _gathered((id, group) for group, ids in members.items() for id in ids)
    ties = await DepartmentGroup.all()
    lines = [(one.operator_id, one.department_id) for one in await DepartmentOperator.all()]
    grants = await CategoryGrant.all()
    return Chart(
        desk=desk,
        operators=operators,
        roles=roles,
        profiles={one.id: one for one in await Profile.all()},
        below={role: _held_by(role_tree.below(role), holders) for role in roles},
        members=members,
        groups=groups,
        departments=_gathered([*lines, *_through(ties, members, public=False)]),
        public_departments=_gathered(_through(ties, members, public=True)),
        department_tree=Tree({one.id: one.parent_id for one in departments}),
        limited_departments=frozenset(one.id for one in departments if one.limited_view),
        members_only_departments=frozenset(
            one.id for one in departments if one.assignees_members_only
        ),
        base=_gathered((one.operator_id, one.category_id) for one in grants),
        advanced=_gathered(
            (one.operator_id, one.category_id) for one in grants if one.level is Level.ADVANCED
        ),
        group_defaults={
            one.id: one.default_department_id
            for one in await OperatorGroup.all()
            if one.default_department_id is not None
        },
    )


def _gathered(pairs: Iterable[tuple[int, int]]) -> Map:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return {id: frozenset(ids) for id, ids in found.items()}


def _held_by(roles: Ids, holders: Map) -> Ids:
    return NONE.union(*(holders.get(role, NONE) for role in roles))


def _through(ties: list[DepartmentGroup], members: Map, *, public: bool) -> list[tuple[int, int]]:
    """Operator and department, for each tie of a group of this kind."""
    return [
        (operator, tie.department_id)
        for tie in ties
        if tie.public is public
        for operator in members.get(tie.group_id, NONE)
    ]


def _members(lines: list[GroupMember], holders: Map, role_tree: Tree) -> Map:
    direct: dict[int, set[int]] = defaultdict(set)
    inner: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        members = direct[line.group_id]
        if line.operator_id is not None:
            members.add(line.operator_id)
        if line.role_id is not None:
            roles = role_tree.under([line.role_id]) if line.with_subordinates else {line.role_id}
            members |= _held_by(frozenset(roles), holders)
        if line.member_group_id is not None:
            inner[line.group_id].add(line.member_group_id)
    return {group: _closure(group, direct, inner) for group in direct}


def _closure(group: int, direct: Mapping[int, set[int]], inner: Mapping[int, set[int]]) -> Ids:
    found: set[int] = set()
    seen: set[int] = set()
    waiting = [group]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            found |= direct.get(one, set())
            waiting.extend(inner.get(one, ()))
    return frozenset(found)
