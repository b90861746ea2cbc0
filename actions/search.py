"""Keeps the search table: every word of a ticket once, and whether its contact can read it."""

import json
from collections.abc import Sequence

from actions.texts import words
from models.sql import Statement, rows


async def add(ticket_id: int, visible: bool, *texts: str) -> None:
    """Make the ticket findable by the words of these texts, in one statement."""
    await add_to_all([ticket_id], visible, *texts)


async def add_to_all(ticket_ids: Sequence[int], visible: bool, *texts: str) -> None:
    """The same of several tickets, their rows held: still one statement."""
    found = sorted(words(*texts))
    if not found or not ticket_ids:
        return
    to = Statement()
    tickets = _each("ticket", "bigint", list(ticket_ids), to)
    source = _each("found", "text", found, to)
    sql = f"""
        INSERT INTO ticket_word (ticket_id, word, visible)
        SELECT ticket.value, found.value, CAST({to.add(visible)} AS BOOLEAN)
        FROM {tickets}, {source} WHERE 1 = 1
        ON CONFLICT (ticket_id, word) DO UPDATE SET visible = excluded.visible
            WHERE excluded.visible AND NOT ticket_word.visible
        RETURNING id"""
    await rows(sql, to)


def _each(name: str, of: str, values: Sequence[int | str], to: Statement) -> str:
    """A table of one column, `value`."""
    if to.postgres:
        return f"unnest({to.add(values)}::{of}[]) AS {name}(value)"
    return f"json_each({to.add(json.dumps(values))}) AS {name}"
