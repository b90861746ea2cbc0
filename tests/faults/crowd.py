"""Many people, each with a session whose token is known: no test waits for argon2."""

from datetime import timedelta

from actions.sessions import token_hash
from models.hierarchy import Role
from models.people import Contact, Operator
from models.sessions import Session
from models.sql import clock
from tests.support import example_b
from tests.support.example_b import CONTACTS, OPERATORS

STAFF = tuple(f"operator-{number:03}" for number in range(100))
"""They administer, and so see everything."""
PUBLIC = tuple(f"contact-{number}" for number in range(8))


def token_of(name: str) -> str:
    """What they sign in with."""
    return f"the-token-of-{name}"


def is_operator(name: str) -> bool:
    """Whether they belong at the desk."""
    return name in OPERATORS or name in STAFF


async def seed() -> None:
    """Example B, and a crowd on both sides; everybody is signed in."""
    await example_b.seed()
    role = await Role.get(name="admin")
    for name in STAFF:
        await Operator.create(
            name=name, email=f"{name}@demo.test", role_id=role.id, time_zone="Europe/Rome"
        )
    now = await clock()
    for name in PUBLIC:
        await Contact.create(name=name, email=f"{name}@demo.test", created_at=now)
    for name in (*OPERATORS, *STAFF, *CONTACTS, *PUBLIC):
        model = Operator if is_operator(name) else Contact
        who = await model.get(email=f"{name}@demo.test")
        await Session.create(
            token_hash=token_hash(token_of(name)),
            operator_id=who.id if is_operator(name) else None,
            contact_id=None if is_operator(name) else who.id,
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(hours=12),
        )
