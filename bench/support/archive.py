"""Fills a desk with years of conversations: copies of real rows, by COPY, on PostgreSQL.

Rows are those that the server wrote for one ticket of each scope, with what differs replaced: so
they have every column, whatever migrations have added.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.support.databases import plain
from bench.support.report import progress

asyncpg: Any = importlib.import_module("asyncpg")  # has no types of its own

Row = dict[str, Any]
SPAN = timedelta(days=700)
FIRST_ID = 1_000
POSTS_EACH = 10
OPEN_OF_100 = 3
VOCABULARY, WORDS_EACH = 5_000, 8
RARE, RARE_TICKETS = "rarissime", 20
"""A word of so many tickets, whatever the size."""
COMMON, COMMON_EVERY = "commonly", 20
"""And one of every so many tickets."""
BATCH = 20_000


@dataclass(frozen=True)
class Archive:
    """What to fill in."""

    tickets: int
    long_posts: int
    """Entries of the one long ticket, whose id is FIRST_ID."""

    @property
    def posts(self) -> int:
        return self.tickets * POSTS_EACH + self.long_posts


@dataclass(frozen=True)
class Templates:
    """One ticket of each scope, and the kinds of entry."""

    tickets: list[Row]
    message: Row
    reply: Row
    word: Row


async def fill(url: str, archive: Archive, now: datetime) -> None:
    """Load it, and let the planner know."""
    connection = await asyncpg.connect(plain(url))
    try:
        # Keys are right by construction: checking each would take most of the time.
        await connection.execute("SET session_replication_role = replica")
        found = await _templates(connection)
        for table, rows in (
            ("ticket", _tickets(archive, found, now)),
            ("timeline_entry", _entries(archive, found, now)),
            ("ticket_word", _words(archive, found)),
        ):
            progress(f"loading {table}")
            await _copy(connection, table, rows)
        progress("vacuum and analyse")
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def _templates(connection: Any) -> Templates:
    async def rows(sql: str) -> list[Row]:
        return [dict(one) for one in await connection.fetch(sql)]

    entry = "SELECT * FROM timeline_entry WHERE kind = '{}' LIMIT 1"
    (message,) = await rows(entry.format("CONTACT_MESSAGE"))
    (reply,) = await rows(entry.format("OPERATOR_REPLY"))
    (word,) = await rows("SELECT * FROM ticket_word LIMIT 1")
    return Templates(await rows("SELECT * FROM ticket ORDER BY id"), message, reply, word)


async def _copy(connection: Any, table: str, rows: Iterator[Row]) -> None:
    first = next(rows)
    columns = list(first)
    batch = [tuple(first.values())]
    last = first["id"]
    for row in rows:
        batch.append(tuple(row[name] for name in columns))
        last = row["id"]
        if len(batch) == BATCH:
            await connection.copy_records_to_table(table, records=batch, columns=columns)
            batch = []
    await connection.copy_records_to_table(table, records=batch, columns=columns)
    await connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})")


def _tickets(archive: Archive, found: Templates, now: datetime) -> Iterator[Row]:
    for place in range(archive.tickets):
        at = _moment(place, archive, now)
        is_open = place == 0 or place * OPEN_OF_100 % 100 < OPEN_OF_100
        posts = archive.long_posts if place == 0 else POSTS_EACH
        template = found.tickets[place % len(found.tickets)]
        times = dict.fromkeys(
            ("created_at", "updated_at", "visible_at", "last_post_at", "last_contact_post_at"), at
        )
        yield {
            **template,
            **times,
            "id": FIRST_ID + place,
            "subject": f"Conversation {place}",
            "turn": ("OPERATOR", "CONTACT")[place // 7 % 2] if is_open else "CLOSED",
            "closed_at": None if is_open else at,
            "seq": posts,
            "visible_seq": posts,
            "revision": posts,
            "last_post_number": posts,
        }


def _entries(archive: Archive, found: Templates, now: datetime) -> Iterator[Row]:
    id = FIRST_ID
    for place in range(archive.tickets):
        at = _moment(place, archive, now)
        for number in range(1, (archive.long_posts if place == 0 else POSTS_EACH) + 1):
            id += 1
            template = found.message if number % 2 else found.reply
            yield {
                **template,
                "id": id,
                "ticket_id": FIRST_ID + place,
                "number": number,
                "visible_number": number,
                "created_at": at,
            }


def _words(archive: Archive, found: Templates) -> Iterator[Row]:
    id = FIRST_ID
    apart = archive.tickets // RARE_TICKETS
    for place in range(archive.tickets):
        words = {f"word{(place * 31 + n * 977) % VOCABULARY}" for n in range(WORDS_EACH)}
        if place % COMMON_EVERY == 0:
            words.add(COMMON)
        if place % apart == 0:
            words.add(RARE)
        for word in words:
            id += 1
            yield {**found.word, "id": id, "ticket_id": FIRST_ID + place, "word": word}


def _moment(place: int, archive: Archive, now: datetime) -> datetime:
    """Spread over the years, the long ticket the latest."""
    return now - SPAN * (place / archive.tickets)
