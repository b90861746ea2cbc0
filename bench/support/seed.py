"""People for a desk, as a program of its own: Tortoise stays out of the process that measures.

    python -m bench.support.seed DATABASE_URL OPERATORS SCOPES

migrates the database, puts operators into scopes (a department with one category each, which they
handle), gives everybody a session, and prints who they are as JSON.
"""

import asyncio
import secrets
import sys
from datetime import timedelta
from typing import Any

import orjson

from actions.sessions import token_hash
from app.database import connect, disconnect, migrate
from app.settings import Settings
from models.desk import Category, CategoryGrant, Department, DepartmentOperator
from models.enums import Level, Right
from models.hierarchy import Profile, Role
from models.people import Contact, Operator
from models.sessions import Session
from models.sql import clock
from resolvers.ids import encode

RIGHTS = [Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.CONTACTS_VIEW]
SESSION = timedelta(hours=12)


async def people(operators: int, scopes: int) -> dict[str, Any]:
    """Everybody; operator number n is in scope n modulo the scopes."""
    role = await _role(*RIGHTS)
    departments = [await Department.create(name=f"Department {n}") for n in range(scopes)]
    categories = [
        await Category.create(name=f"Scope {n}", department_id=departments[n].id)
        for n in range(scopes)
    ]
    staff: list[str] = []
    for n in range(operators):
        one = await Operator.create(
            name=f"Operator {n}", email=f"operator{n}@bench.test", role_id=role.id
        )
        scope = n % scopes
        await DepartmentOperator.create(department_id=departments[scope].id, operator_id=one.id)
        await CategoryGrant.create(
            operator_id=one.id, category_id=categories[scope].id, level=Level.ADVANCED
        )
        staff.append(await _session(operator_id=one.id))
    chief = await Operator.create(
        name="Chief", email="chief@bench.test", role_id=(await _role(Right.ADMINISTER)).id
    )
    contact = await Contact.create(
        name="Maria Rossi", email="maria@bench.test", created_at=await clock()
    )
    return {
        "operators": staff,
        "chief_token": await _session(operator_id=chief.id),
        "contact_token": await _session(contact_id=contact.id),
        "categories": [encode("Category", one.id) for one in categories],
    }


async def _role(*rights: Right) -> Role:
    profile = await Profile.create(name="Bench", rights=[one.value for one in rights])
    return await Role.create(name="Bench", profile_id=profile.id)


async def _session(operator_id: int | None = None, contact_id: int | None = None) -> str:
    token, now = secrets.token_urlsafe(32), await clock()
    await Session.create(
        token_hash=token_hash(token),
        operator_id=operator_id,
        contact_id=contact_id,
        created_at=now,
        used_at=now,
        expires_at=now + SESSION,
    )
    return token


async def seed(url: str, operators: int, scopes: int) -> dict[str, Any]:
    """Migrate and people the database."""
    settings = Settings(database_url=url)
    await connect(settings)
    try:
        await migrate(settings)
        return await people(operators, scopes)
    finally:
        await disconnect()


if __name__ == "__main__":
    found = asyncio.run(seed(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    sys.stdout.write(orjson.dumps(found).decode())
