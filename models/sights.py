"""Loads the seeing rules of operators; kept in memory as long as `rights_version` stands still."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.callers import OperatorCaller
from models.desk import CategoryGrant, Department, DepartmentGroup, DepartmentOperator, Desk
from models.enums import Level
from models.hierarchy import GroupMember, OperatorGroup, Profile, Role
from models.people import Operator
from models.sight import Sight

REMEMBERED = 4096
"""Sights kept per process, about 4 KiB each."""
_sights: OrderedDict[tuple[int, int], Sight] = OrderedDict()
"""By operator and version; versions of two desks never meet, for they begin at random."""
_organisations: "OrderedDict[int, _Organisation]" = OrderedDict()


class Tree:
    """A tree of ids by parent; a cycle, should one ever be stored, ends the walk."""

    def __init__(self, parents: Mapping[int, int | None]) -> None:
        self._children: dict[int, list[int]] = defaultdict(list)
        for id, parent in parents.items():
            if parent is not None:
                self._children[parent].append(id)

    def under(self, roots: Iterable[int]) -> frozenset[int]:
        """The roots and all their descendants."""
        found: set[int] = set()
        waiting = list(roots)
        while waiting:
            id = waiting.pop()
            if id not in found:
                found.add(id)
                waiting.extend(self._children[id])
        return frozenset(found)

    def below(self, root: int) -> frozenset[int]:
        """The descendants alone."""
        return self.under(self._children[root]) - {root}


@dataclass(frozen=True)
class _Organisation:
    """What all sights share: loaded once per version."""

    desk: Desk
    operators: dict[int, Operator]
    roles: dict[int, Role]
    profiles: dict[int, Profile]
    role_tree: Tree
    departments: dict[int, Department]
    department_tree: Tree
    department_operators: list[DepartmentOperator]
    department_groups: list[DepartmentGroup]
    members: dict[int, frozenset[int]]
    """Group → its operators, resolved."""
    group_defaults: dict[int, int | None]
    """Group → its default department."""


async def sight_of(operator_id: int, version: int | None = None) -> Sight:
    """The operator's rules as of now; `version` when `rights_version` was just read.

    Raises LookupError when there is no such operator.
    """
    if version is not None and (operator_id, version) in _sights:
        return _sights[operator_id, version]
    (sight,) = await sights_of([operator_id])
    return sight


async def sight_for(by: OperatorCaller) -> Sight:
    """The caller's rules as of now; within a unit of work, what it committed counts too."""
    return (await sight_of(by.id)).scoped(by.scopes)


async def sights_of(operator_ids: Iterable[int]) -> list[Sight]:
    """The rules of several operators as of now, in as many statements as those of one.

    Raises LookupError when one is no operator.
    """
    wanted = list(operator_ids)
    desk = await Desk.get(id=1)
    while True:
        version = desk.rights_version
        known = {id: _sights[id, version] for id in wanted if (id, version) in _sights}
        missing = sorted(set(wanted) - known.keys())
        if not missing:
            break
        known |= await _load(missing, desk)
        after = await Desk.get(id=1)
        if after.rights_version == version:
            break
        desk = after  # rights moved between two of our statements: what was read is of no version
    for id, sight in known.items():
        _sights[id, version] = sight
        _sights.move_to_end((id, version))
    while len(_sights) > REMEMBERED:
        _sights.popitem(last=False)
    return [known[id] for id in wanted]


async def profile_of(operator: Operator) -> Profile:
    """What their role's profile is."""
    return await Profile.get(id=(await Role.get(id=operator.role_id)).profile_id)


async def members_of(group_id: int) -> frozenset[int]:
    """The operators of a group, through every kind of membership; inactive ones included."""
    return (await _organisation(await Desk.get(id=1))).members.get(group_id, frozenset())


async def members_of_department(department_id: int) -> frozenset[int]:
    """Its operators, in person or through groups, of it or of one above; inactive ones included."""
    all_ = await _organisation(await Desk.get(id=1))
    line = _upward(department_id, all_.departments)
    found = {one.operator_id for one in all_.department_operators if one.department_id in line}
    for tie in all_.department_groups:
        if not tie.public and tie.department_id in line:
            found |= all_.members.get(tie.group_id, frozenset())
    return frozenset(found)


def _upward(department_id: int, departments: Mapping[int, Department]) -> frozenset[int]:
    """The department and all above it; a cycle, should one ever be stored, ends the walk."""
    line: set[int] = set()
    here: int | None = department_id
    while here is not None and here not in line and here in departments:
        line.add(here)
        here = departments[here].parent_id
    return frozenset(line)


@dataclass(frozen=True)
class Places:
    """Where an operator belongs, in person or through groups."""

    departments: frozenset[int]
    """Those below are theirs too, and not listed."""
    groups: frozenset[int]


async def places_of(operator_ids: Iterable[int]) -> list[Places]:
    """Where each belongs."""
    all_ = await _organisation(await Desk.get(id=1))
    found: list[Places] = []
    for id in operator_ids:
        groups = frozenset(group for group, members in all_.members.items() if id in members)
        found.append(Places(_joined(id, groups, all_), groups))
    return found


def _joined(operator_id: int, groups: frozenset[int], all_: "_Organisation") -> frozenset[int]:
    mine = {r.department_id for r in all_.department_operators if r.operator_id == operator_id}
    lines = (r for r in all_.department_groups if not r.public and r.group_id in groups)
    return frozenset(mine | {r.department_id for r in lines})


async def _load(operator_ids: list[int], desk: Desk) -> dict[int, Sight]:
    all_ = await _organisation(desk)
    strangers = [id for id in operator_ids if id not in all_.operators]
    if strangers:
        raise LookupError(strangers[0])
    grants: dict[int, list[CategoryGrant]] = defaultdict(list)
    for grant in await CategoryGrant.filter(operator_id__in=operator_ids):
        grants[grant.operator_id].append(grant)
    return {id: _sight(id, grants[id], all_) for id in operator_ids}


def _sight(operator_id: int, grants: list[CategoryGrant], all_: _Organisation) -> Sight:
    me, desk = all_.operators[operator_id], all_.desk
    role = all_.roles[me.role_id]
    groups = frozenset(id for id, members in all_.members.items() if operator_id in members)
    roles_below = all_.role_tree.below(role.id)
    below = frozenset(one.id for one in all_.operators.values() if one.role_id in roles_below)
    return Sight(
        operator_id=operator_id,
        version=desk.rights_version,
        active=me.active,
        rights=all_.profiles[role.profile_id].grants(),
        restricted=desk.restrict_to_departments,
        sharing=desk.ticket_sharing,
        departments=all_.department_tree.under(_joined(operator_id, groups, all_)),
        public_departments=frozenset(
            r.department_id for r in all_.department_groups if r.public and r.group_id in groups
        ),
        limited_departments=frozenset(d.id for d in all_.departments.values() if d.limited_view),
        members_only_departments=frozenset(
            d.id for d in all_.departments.values() if d.assignees_members_only
        ),
        groups=groups,
        base=frozenset(grant.category_id for grant in grants),
        advanced=frozenset(g.category_id for g in grants if g.level is Level.ADVANCED),
        below=below,
        groups_below=frozenset(
            id for id, members in all_.members.items() if not members.isdisjoint(below)
        ),
        default_department_id=me.default_department_id or _default_of(groups, all_),
    )


def _default_of(groups: frozenset[int], all_: _Organisation) -> int | None:
    """The default department of the first of these groups that has one."""
    defaults = (all_.group_defaults.get(id) for id in sorted(groups))
    return next((id for id in defaults if id is not None), None)


async def _organisation(desk: Desk) -> _Organisation:
    known = _organisations.get(desk.rights_version)
    if known is not None:
        return known
    operators = {one.id: one for one in await Operator.all()}
    roles = {one.id: one for one in await Role.all()}
    role_tree = Tree({one.id: one.parent_id for one in roles.values()})
    departments = {one.id: one for one in await Department.all()}
    loaded = _Organisation(
        desk=desk,
        operators=operators,
        roles=roles,
        profiles={one.id: one for one in await Profile.all()},
        role_tree=role_tree,
        departments=departments,
        department_tree=Tree({one.id: one.parent_id for one in departments.values()}),
        department_operators=await DepartmentOperator.all(),
        department_groups=await DepartmentGroup.all(),
        members=_members(await GroupMember.all(), operators.values(), role_tree),
        group_defaults={one.id: one.default_department_id for one in await OperatorGroup.all()},
    )
    if (await Desk.get(id=1)).rights_version == desk.rights_version:
        _organisations.clear()
        _organisations[desk.rights_version] = loaded
    return loaded


def _members(
    lines: list[GroupMember], operators: Iterable[Operator], role_tree: Tree
) -> dict[int, frozenset[int]]:
    by_role: dict[int, set[int]] = defaultdict(set)
    for one in operators:
        by_role[one.role_id].add(one.id)
    direct: dict[int, set[int]] = defaultdict(set)
    inner: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        members = direct[line.group_id]
        if line.operator_id is not None:
            members.add(line.operator_id)
        if line.role_id is not None:
            roles = role_tree.under([line.role_id]) if line.with_subordinates else {line.role_id}
            members.update(*(by_role[role] for role in roles))
        if line.member_group_id is not None:
            inner[line.group_id].add(line.member_group_id)
    return {group: _closure(group, direct, inner) for group in direct}


def _closure(
    group: int, direct: Mapping[int, set[int]], inner: Mapping[int, set[int]]
) -> frozenset[int]:
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
