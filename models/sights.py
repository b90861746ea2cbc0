"""The seeing rules of operators; kept in memory as long as `rights_version` stands still."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from models.callers import OperatorCaller
from models.chart import NONE, Chart, chart_of
from models.desk import Desk
from models.hierarchy import Profile, Role
from models.people import Operator
from models.sight import Sight

REMEMBERED = 4096
"""Sights kept per process, about 4 KiB each."""
_sights: OrderedDict[tuple[int, int], Sight] = OrderedDict()
"""By operator and version; versions of two desks never meet, for they begin at random."""


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
    """The rules of several operators, of one version: as many statements as for one.

    Raises LookupError when there is no such operator.
    """
    ids = list(operator_ids)
    desk = await Desk.get(id=1)
    known = [_sights.get((id, desk.rights_version)) for id in ids]
    if None not in known:
        for id in ids:
            _sights.move_to_end((id, desk.rights_version))
        return [one for one in known if one is not None]
    chart = await chart_of(desk)
    return [_sight(id, chart) for id in ids]


async def profile_of(operator: Operator) -> Profile:
    """What their role's profile is."""
    return await Profile.get(id=(await Role.get(id=operator.role_id)).profile_id)


async def members_of(group_id: int) -> frozenset[int]:
    """The operators of a group, through every kind of membership; inactive ones included."""
    (members,) = await members_of_each([group_id])
    return members


async def members_of_each(group_ids: Iterable[int]) -> list[frozenset[int]]:
    """The operators of several groups: as many statements as for one."""
    chart = await chart_of(await Desk.get(id=1))
    return [chart.members.get(id, NONE) for id in group_ids]


async def members_of_department(department_id: int) -> frozenset[int]:
    """Its operators, in person or through groups, of it or of one above; inactive ones included."""
    chart = await chart_of(await Desk.get(id=1))
    return frozenset(
        operator
        for operator, places in chart.departments.items()
        if department_id in chart.department_tree.under(places)
    )


@dataclass(frozen=True)
class Places:
    """Where an operator belongs, in person or through groups."""

    departments: frozenset[int]
    """Those below are theirs too, and not listed."""
    groups: frozenset[int]


async def places_of(operator_ids: Iterable[int]) -> list[Places]:
    """Where each belongs."""
    chart = await chart_of(await Desk.get(id=1))
    return [
        Places(chart.departments.get(id, NONE), chart.groups.get(id, NONE)) for id in operator_ids
    ]


def _sight(operator_id: int, chart: Chart) -> Sight:
    key = (operator_id, chart.desk.rights_version)
    if key not in _sights:
        _sights[key] = _made(operator_id, chart)
        while len(_sights) > REMEMBERED:
            _sights.popitem(last=False)
    return _sights[key]


def _made(operator_id: int, chart: Chart) -> Sight:
    if operator_id not in chart.operators:
        raise LookupError(operator_id)
    me = chart.operators[operator_id]
    role = chart.roles[me.role_id]
    below = chart.below[role.id]
    return Sight(
        operator_id=operator_id,
        version=chart.desk.rights_version,
        active=me.active,
        rights=chart.profiles[role.profile_id].grants(),
        restricted=chart.desk.restrict_to_departments,
        sharing=chart.desk.ticket_sharing,
        departments=chart.department_tree.under(chart.departments.get(operator_id, NONE)),
        public_departments=chart.public_departments.get(operator_id, NONE),
        limited_departments=chart.limited_departments,
        members_only_departments=chart.members_only_departments,
        groups=chart.groups.get(operator_id, NONE),
        base=chart.base.get(operator_id, NONE),
        advanced=chart.advanced.get(operator_id, NONE),
        below=below,
        groups_below=chart.groups_with(below),
        default_department_id=chart.default_department_of(me),
    )
