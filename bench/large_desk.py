"""The desk that lists are measured on: a large organisation, 100,000 tickets, in a database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from app.database import connect, disconnect, migrate
from app.settings import Settings
from bench.support.report import progress
from models.desk import CategoryGrant
from models.enums import Level, Priority, Right, TicketSource, Turn
from models.hierarchy import Profile, Role
from models.people import Contact, Operator
from tests.support import databases
from tests.support.large_desk import LargeDesk, enlarge

CONTACTS = 2_000
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@asynccontextmanager
async def large_desk(size: int) -> AsyncGenerator[tuple[Operator, list[Operator]]]:
    """A database of this run alone, with so many tickets; who sees them all, and who does not."""
    name = f"sportello_bench_{databases.fresh_name().rpartition('_')[2]}"
    await databases.postgres(f"CREATE DATABASE {name}")
    try:
        settings = Settings(database_url=databases.postgres_url(name))
        await connect(settings)
        try:
            await migrate(settings)
            desk = await enlarge()
            everything = await who_sees_all()
            progress("the organisation is there")
            await tickets(name, desk, everything, size)
            yield everything, await Operator.filter(id__in=desk.operators).order_by("id")
        finally:
            await disconnect()
    finally:
        await databases.postgres(f"DROP DATABASE {name} WITH (FORCE)")


async def tickets(database: str, desk: LargeDesk, everything: Operator, size: int) -> None:
    """Half a year of them: a seventh still open, half assigned, a fifth opened by operators.

    Each with a message, and some assigned to who sees all, too.
    """
    await Contact.bulk_create(
        Contact(id=n, name=f"Contact {n}", created_at=NOW) for n in range(1, CONTACTS + 1)
    )
    holders: dict[int, list[int]] = {}
    for grant in await CategoryGrant.all():
        holders.setdefault(grant.category_id, []).append(grant.operator_id)
    random = Random(1)  # noqa: S311 - a seed, not a secret
    rows = [row(random, desk, holders, n, size - n) for n in range(1, size + 1)]
    address = databases.postgres_url(database).replace("postgres://", "postgresql://")
    raw: Any = await databases.asyncpg.connect(address)
    try:
        await raw.copy_records_to_table("ticket", records=rows, columns=list(COLUMNS))
        await raw.execute(
            "UPDATE ticket SET assignee_operator_id = $1 WHERE id % 100 = 0", everything.id
        )
        await raw.execute(MESSAGES)
        await raw.execute("VACUUM ANALYZE")
    finally:
        await raw.close()
    progress(f"{size:,} tickets are there")


MESSAGES = """
    INSERT INTO timeline_entry (ticket_id, number, visible_number, kind, created_at, turn_after,
        contact_id, automation, body, body_text, verified, automatic, staff_name, staff_avatar,
        mentions, changes)
    SELECT id, 1, 1, 'CONTACT_MESSAGE', created_at, turn, contact_id, '', 'Body', 'Body', true,
        false, '', '', '[]', '[]' FROM ticket"""
COLUMNS = (
    "id", "subject", "contact_id", "department_id", "category_id", "level", "turn", "priority",
    "source", "assignee_operator_id", "assignee_group_id", "creator_id", "tags", "created_at",
    "updated_at", "visible_at", "last_post_number", "last_post_excerpt", "attachment_count", "seq",
    "visible_seq", "revision", "lock_token",
)  # fmt: skip


def row(
    random: Random, desk: LargeDesk, holders: dict[int, list[int]], n: int, later: int
) -> tuple[Any, ...]:
    """A ticket as a record of `COLUMNS`; so many come after it."""
    category = random.choice(desk.categories)
    to = random.random()
    able = holders.get(category) or desk.operators
    at = NOW - timedelta(minutes=2.6 * later)
    turn = Turn.CLOSED if random.random() < 0.86 else random.choice([Turn.OPERATOR, Turn.CONTACT])
    return (
        n, f"Subject {n}", random.randint(1, CONTACTS), desk.routes[category], category,
        Level.ADVANCED if random.random() < 0.2 else Level.BASE, turn, Priority.NORMAL,
        TicketSource.CLIENT_AREA, random.choice(able) if to < 0.4 else None,
        random.choice(desk.groups) if to > 0.9 else None,
        random.choice(desk.operators) if random.random() < 0.2 else None, "[]", at,
        at + timedelta(minutes=random.randint(1, 20_000)), at, 1, "Excerpt", 0, 1, 1, 1, 0,
    )  # fmt: skip


async def who_sees_all() -> Operator:
    """An operator whom no gate holds back."""
    rights = [Right.TICKETS_VIEW.value, Right.TICKETS_WRITE.value, Right.VIEW_ALL_TICKETS.value]
    profile = await Profile.create(name="Sees all", rights=rights)
    role = await Role.create(name="Sees all", profile_id=profile.id)
    return await Operator.create(name="All", email="all@large.test", role_id=role.id)
