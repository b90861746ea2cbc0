"""Contacts on the way in: found by address, or created; held while they speak."""

import re

from actions.refusals import NotFound, invalid
from actions.texts import leaves_a_mark, one_line
from models.callers import ContactCaller
from models.desk import Department, Desk
from models.people import Contact
from models.sql import Statement, clock, instances

_OTHER = r"\s@<>\"',;:\\\x00-\x1f\x7f"
ADDRESS = re.compile(rf"[^{_OTHER}]+@[^{_OTHER}]+\.[^{_OTHER}.]+")
ADDRESS_LIMIT = 254
NAME_LIMIT = 200


def address(text: str, path: str) -> str:
    """An email address in lower case; raises InvalidInput when it is none (RFC 5321 length).

    Nothing in it is invisible: two addresses that differ look different.
    """
    tidy = text.strip().lower()
    seen = all(map(leaves_a_mark, tidy))
    if len(tidy) > ADDRESS_LIMIT or not seen or ADDRESS.fullmatch(tidy) is None:
        raise invalid(path, "Give an email address, like name@example.org.")
    return tidy


async def find_or_create(
    email: str, name: str | None, *, may_create: bool, department_id: int | None = None
) -> Contact | None:
    """The contact with this address, held; created, with the name, where there is none.

    Who is new gets language and group of the department they meet first. Two at once make one.
    None if somebody deletes it meanwhile. Raises InvalidInput for the address, the name, or when
    there is none and none may be made.
    """
    wanted = address(email, "contactEmail")
    known = await Contact.get_or_none(email=wanted)
    if known is not None:
        return await hold(known.id)
    if not may_create:
        raise invalid("contactEmail", "No contact has this address, and you may not create one.")
    named = one_line(name or "")
    if len(named) > NAME_LIMIT:
        raise invalid("contactName", f"Shorten it to {NAME_LIMIT} characters.")
    language, group_id = await first_met(department_id)
    to = Statement()
    sql = f"""
        INSERT INTO contact
            (name, email, password_hash, language, contact_group_id, blocked, created_at)
        VALUES ({to.add(named)}, {to.add(wanted)}, '', {to.add(language)}, {to.add(group_id)},
                {to.add(False)}, {to.add(await clock())})
        ON CONFLICT (email) DO NOTHING RETURNING *"""
    made = await instances(Contact, sql, to)
    if made:
        return made[0]
    other = await Contact.get_or_none(email=wanted)
    return await hold(other.id) if other is not None else None


async def hold(id: int) -> Contact | None:
    """Within a unit of work: the contact, or who they turned out to be; None if there is none.

    Until the unit ends nobody merges, blocks or deletes them. Hold contacts before tickets.
    """
    known = await Contact.get_or_none(id=id)
    if known is not None and known.merged_into_id is not None:
        return await hold(known.merged_into_id)
    to = Statement()
    sql = f"SELECT * FROM contact WHERE id = {to.add(id)}"
    if to.postgres:
        sql += " FOR SHARE"
    found = await instances(Contact, sql, to)
    if not found:
        return None
    onward = found[0].merged_into_id
    return found[0] if onward is None else await hold(onward)


async def admitted(by: ContactCaller) -> Contact:
    """The same of who is about to write: raises NotFound when they were shut out meanwhile."""
    held = await hold(by.id)
    if held is None or held.id != by.id or held.blocked:
        raise NotFound
    return held


async def first_met(department_id: int | None) -> tuple[str, int | None]:
    """Language and contact group of people this department meets first."""
    department = await Department.get_or_none(id=department_id or 0)
    own = department.default_language if department is not None else ""
    language = own or (await Desk.get(id=1)).languages[0]
    return language, department.default_contact_group_id if department is not None else None
