"""Keeps the search table: every word of a ticket once, and whether its contact can read it."""

import json

from actions.texts import words
from models.sql import Statement, rows


async def add(ticket_id: int, visible: bool, *texts: str) -> None:
    """Make the ticket findable by the words of these texts, in one statement."""
    found = sorted(words(*texts))
    if not found:
        return
    to = Statement()
    if to.postgres:
        source = f"unnest({to.add(found)}::text[]) AS value"
    else:
        source = f"json_each({to.add(json.dumps(found))})"
    sql = f"""
        INSERT INTO ticket_word (ticket_id, word, visible)
        SELECT CAST({to.add(ticket_id)} AS BIGINT), value, CAST({to.add(visible)} AS BOOLEAN)
        FROM {source} WHERE 1 = 1
        ON CONFLICT (ticket_id, word) DO UPDATE SET visible = excluded.visible
            WHERE excluded.visible AND NOT ticket_word.visible
        RETURNING id"""
    await rows(sql, to)
