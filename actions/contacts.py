"""Contacts on the way in: found by address, or created."""

import re

from actions.refusals import invalid
from actions.texts import one_line
from models.people import Contact
from models.sql import Statement, clock, rows

_OTHER = r"\s@<>\"',;:\\\x00-\x1f\x7f"
ADDRESS = re.compile(rf"[^{_OTHER}]+@[^{_OTHER}]+\.[^{_OTHER}.]+")
ADDRESS_LIMIT = 254
NAME_LIMIT = 200


def address(text: str, path: str) -> str:
    """An email address in lower case; raises InvalidInput when it is none (RFC 5321 length)."""
    tidy = text.strip().lower()
    if len(tidy) > ADDRESS_LIMIT or ADDRESS.fullmatch(tidy) is None:
        raise invalid(path, "Give an email address, like name@example.org.")
    return tidy


async def find_or_create(email: str, name: str | None, *, may_create: bool) -> Contact:
    """The contact with this address; created, with the name, where there is none.

    Two at once make one. Raises InvalidInput for the address, the name, or when there is none and
    none may be made.
    """
    wanted = address(email, "contactEmail")
    known = await Contact.get_or_none(email=wanted)
    while known is not None and known.merged_into_id is not None:
        known = await Contact.get(id=known.merged_into_id)
    if known is not None:
        return known
    if not may_create:
        raise invalid("contactEmail", "No contact has this address, and you may not create one.")
    named = one_line(name or "")
    if len(named) > NAME_LIMIT:
        raise invalid("contactName", f"Shorten it to {NAME_LIMIT} characters.")
    to = Statement()
    sql = f"""
        INSERT INTO contact (name, email, password_hash, language, blocked, created_at)
        VALUES ({to.add(named)}, {to.add(wanted)}, '', 'en', {to.add(False)},
                {to.add(await clock())})
        ON CONFLICT (email) DO NOTHING RETURNING id"""
    await rows(sql, to)
    return await Contact.get(email=wanted)
