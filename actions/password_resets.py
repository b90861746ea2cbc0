"""Links that set a contact's password: made for a mail, void once they should open nothing."""

import secrets
from datetime import timedelta

from actions import magic_links
from actions.keys import ring
from actions.sessions import token_hash
from models.magic_links import PasswordReset
from models.sql import clock

LIVES = timedelta(hours=1)
PATH = "/password/"


async def issue(contact_id: int) -> dict[str, str]:
    """Within a unit of work: a new one, as the input of the mail that brings it."""
    token, now = secrets.token_urlsafe(32), await clock()
    await PasswordReset.create(
        contact_id=contact_id,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=now + LIVES,
    )
    return {"secret_url": ring().encrypt(magic_links.address(f"{PATH}{token}"))}


async def void(contact_id: int) -> None:
    """Within a unit of work that has written their row: those under way set nothing any more."""
    await PasswordReset.filter(contact_id=contact_id, used_at=None).update(used_at=await clock())
