"""Profiles: what the operators of a role may do."""

from collections.abc import Iterable
from typing import TypedDict

from actions.administration.administrators import at_least_one
from actions.administration.editing import Create, Edit, created, found, permitted, removed
from actions.administration.form import Form
from actions.refusals import NotPermitted, invalid
from models.callers import OperatorCaller
from models.enums import Right
from models.hierarchy import Profile, Role
from models.sights import sight_for

KIND = "Profile"


class ProfileFields(TypedDict, total=False):
    """What is given of a profile."""

    name: str
    rights: list[Right]


async def create(fields: ProfileFields, key: str | None, by: OperatorCaller) -> Profile:
    """A new profile. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict."""

    async def do() -> Profile:
        return await _write(Profile(name="", rights=[]), fields, by, "create")

    request = Create(KIND, dict(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, Profile, do)


async def update(id: int, fields: ProfileFields, by: OperatorCaller) -> Profile:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Profile:
        return await _write(await found(Profile, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Profile:
    """Delete one that no role has. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Profile:
        profile = await found(Profile, id)
        if await Role.exists(profile_id=id):
            raise invalid("profileId", "Roles have this profile: give them another first.")
        await removed(by, profile, KIND, rights=False)
        return profile

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def no_more_than_own(rights: Iterable[Right], by: OperatorCaller) -> None:
    """Nobody hands out a right they do not have. Raises NotPermitted, naming the right."""
    sight = await sight_for(by)
    for right in sorted(rights):
        if not sight.has(right):
            raise NotPermitted(right.value)


async def _write(profile: Profile, fields: ProfileFields, by: OperatorCaller, verb: str) -> Profile:
    form, edit = Form(), Edit(profile, KIND)
    if "name" in fields or not profile.name:
        name = form.name(fields.get("name", ""))
        await form.unused_name(Profile, profile, name)
        edit.set("name", name)
    if "rights" in fields:
        wanted = frozenset(fields["rights"])
        await no_more_than_own(wanted ^ profile.grants(), by)
        edit.set("rights", sorted(right.value for right in wanted))
    form.check()
    written = await edit.commit(by, verb, rights=True)
    await at_least_one("rights")
    return written
