"""Somebody must be able to administer: the last who can stays."""

from actions.refusals import invalid
from models.enums import Right
from models.hierarchy import Profile, Role
from models.people import Operator


async def at_least_one(path: str) -> None:
    """After a change, before it is committed. Raises InvalidInput for `path`."""
    able = [one.id for one in await Profile.all() if Right.ADMINISTER in one.grants()]
    roles = [one.id for one in await Role.filter(profile_id__in=able)]
    if not await Operator.exists(role_id__in=roles, active=True):
        raise invalid(path, "Nobody could administer the desk any more: name another first.")
