"""Operators: who may sign in at the desk."""

from tortoise.expressions import F

from actions import passwords
from actions.contacts import NAME_LIMIT, address
from actions.events import RightsChanged
from actions.refusals import invalid
from actions.texts import one_line
from actions.unit_of_work import record, unit_of_work
from models.desk import Desk
from models.enums import Right
from models.hierarchy import Profile, Role
from models.people import Operator

ADMINISTRATOR = "Administrator"


async def create_admin(email: str, name: str, password: str) -> Operator:
    """Make an operator who may administer, with the role and profile for it if need be.

    Raises InvalidInput for the address (also one in use), the name, and the password.
    """
    wanted, named = address(email, "email"), one_line(name)
    if not 1 <= len(named) <= NAME_LIMIT:
        raise invalid("name", f"A name has 1 to {NAME_LIMIT} characters.")
    passwords.check(password, wanted)
    password_hash = await passwords.hashed(password)

    async def do() -> Operator:
        if await Operator.exists(email=wanted):
            raise invalid("email", f"An operator with the address {wanted} exists already.")
        operator = await Operator.create(
            name=named,
            email=wanted,
            password_hash=password_hash,
            role_id=(await _administrators()).id,
        )
        await rights_changed()
        return operator

    return await unit_of_work(do)


async def rights_changed() -> None:
    """Within a unit of work: whatever was known of rights is to be read anew."""
    await Desk.filter(id=1).update(rights_version=F("rights_version") + 1)
    record(RightsChanged())


async def _administrators() -> Role:
    for role in await Role.all().order_by("id"):
        profile = await Profile.get(id=role.profile_id)
        if Right.ADMINISTER in profile.grants():
            return role
    profile = await Profile.create(name=ADMINISTRATOR, rights=[Right.ADMINISTER.value])
    return await Role.create(name=ADMINISTRATOR, profile_id=profile.id)
