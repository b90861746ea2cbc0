"""What would otherwise read a whole table finds an index, on either database."""

from datetime import UTC, datetime

import pytest
from tortoise.transactions import in_transaction

from models.counting import counting
from models.sql import Statement, connection, is_postgres, rows

LOOKED_FOR = (
    ("ticket", "creator_id"),
    ("ticket", "chosen_category_id"),
    ("timeline_entry", "contact_id"),
    ("document", "contact_id"),
    ("document_access", "caller"),
    ("upload", "owner"),
    ("event", "caller"),
    ("contact", "merged_into_id"),
    ("session", "contact_id"),
    ("session", "operator_id"),
)
"""By merging, deleting, signing out."""


@pytest.mark.usefixtures("database")
async def test_nothing_is_looked_for_row_by_row() -> None:
    for table, column in LOOKED_FOR:
        plan = await planned(f"SELECT id FROM {table} WHERE {column} = '1'")
        assert read_whole(table) not in plan, (table, column, plan)


@pytest.mark.usefixtures("database")
async def test_counting_reads_what_counts() -> None:
    """Not every ticket that was ever closed."""
    to = Statement()
    sql = f"SELECT department_id FROM ticket t WHERE {counting(datetime.now(UTC)).sql(to)}"
    plan = await planned(sql, to)
    assert read_whole("t") not in plan, plan


def read_whole(table: str) -> str:
    """How a plan says so."""
    return "Seq Scan" if is_postgres() else f"SCAN {table}"


async def planned(sql: str, to: Statement | None = None) -> str:
    """How the database would go about it, were the table large."""
    explain = "EXPLAIN" if is_postgres() else "EXPLAIN QUERY PLAN"
    async with in_transaction():
        if is_postgres():  # which reads a small table whole if it may
            await connection().execute_query("SET LOCAL enable_seqscan = off")
        return str(await rows(f"{explain} {sql}", to or Statement()))
