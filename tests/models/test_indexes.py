"""What would otherwise read a whole table finds an index, on either database."""

import pytest
from tortoise.transactions import in_transaction

from models.sql import connection, is_postgres

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
    read_whole = "Seq Scan" if is_postgres() else "SCAN"
    explain = "EXPLAIN" if is_postgres() else "EXPLAIN QUERY PLAN"
    async with in_transaction():
        if is_postgres():  # which reads a small table whole if it may
            await connection().execute_query("SET LOCAL enable_seqscan = off")
        for table, column in LOOKED_FOR:
            sql = f"{explain} SELECT id FROM {table} WHERE {column} = '1'"
            plan = str(await connection().execute_query_dict(sql))
            assert read_whole not in plan, (table, column, plan)
