"""Pages by keyset: every row once, whatever is NULL, tied, inserted or forged."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from models import rows
from models.conditions import ALWAYS
from models.enums import Severity
from models.paging import BadPage, Page, PageRequest, Sort, page
from models.tickets import Ticket
from tests.models.tickets import NOON, saved, ticket


def sorts(*, descending: bool) -> list[Sort]:
    """By a time and a word that may be missing, by a number with ties, by the id."""
    return [
        Sort(
            "closed",
            "t.closed_at",
            lambda row: row.closed_at,
            descending,
            holds=datetime,
            nullable=True,
        ),
        Sort(
            "severity",
            "t.severity",
            lambda row: row.severity,
            descending,
            holds=str,
            nullable=True,
        ),
        Sort("files", "t.attachment_count", lambda row: row.attachment_count, descending),
        Sort("number", "t.id", lambda row: row.id, descending, unique=True),
    ]


BOTH_WAYS = sorts(descending=False) + sorts(descending=True)


def expected(tickets: list[Ticket], sort: Sort) -> list[int]:
    """In the order asked for, NULLs last, ties by id the same way."""
    known = [one for one in tickets if sort.key(one) is not None]
    unknown = [one for one in tickets if sort.key(one) is None]

    def key(one: Ticket) -> Any:
        return sort.key(one), one.id

    return [
        one.id
        for group in (sorted(known, key=key), sorted(unknown, key=lambda one: one.id))
        for one in (reversed(group) if sort.descending else group)
    ]


async def load(sort: Sort, request: PageRequest) -> Page[Ticket]:
    async def found(sql: str, to: Any) -> list[Ticket]:
        return await rows.load(sql, to)

    return await page(
        request,
        sort,
        ALWAYS.sql,
        select=lambda to: f"SELECT t.*, {rows.LOCKED.format(now=to.now)} FROM ticket t",
        load=found,
        count=lambda: rows.count(ALWAYS),
    )


async def some_tickets(number: int = 23) -> list[Ticket]:
    severities = [None, *Severity]
    tickets = [
        ticket(
            closed_at=NOON + timedelta(microseconds=500_000 * (n % 4)) if n % 3 else None,
            severity=severities[n % 4],
            attachment_count=n % 5,
        )
        for n in range(number)
    ]
    await saved(*tickets)
    return tickets


@pytest.mark.parametrize("size", [1, 7, 23, 100])
async def test_every_row_once_both_ways(database: None, size: int) -> None:
    tickets = await some_tickets()
    for sort in BOTH_WAYS:
        forward: list[int] = []
        at = PageRequest(first=size)
        while True:
            found = await load(sort, at)
            forward += [one.id for one in found.rows]
            assert found.has_previous is (at.after is not None)
            if not found.has_next:
                break
            at = PageRequest(first=size, after=found.page_info.end_cursor)
        assert forward == expected(tickets, sort)
        backward: list[int] = []
        at = PageRequest(last=size)
        while True:
            found = await load(sort, at)
            backward = [one.id for one in found.rows] + backward
            assert found.has_next is (at.before is not None)
            if not found.has_previous:
                break
            at = PageRequest(last=size, before=found.page_info.start_cursor)
        assert backward == forward


async def test_cursors_stay_valid_while_rows_come_and_go(database: None) -> None:
    for sort in BOTH_WAYS:
        await Ticket.all().delete()
        tickets = await some_tickets(12)
        order = expected(tickets, sort)
        first = await load(sort, PageRequest(first=5))
        await saved(*(ticket(closed_at=one.closed_at, severity=one.severity) for one in tickets))
        await Ticket.filter(id=order[4]).delete()  # the very row the cursor stands for
        kept = set(order)
        came: list[int] = [one.id for one in first.rows]
        while first.has_next:
            after = first.page_info.end_cursor
            first = await load(sort, PageRequest(first=5, after=after))
            came += [one.id for one in first.rows]
        assert [id for id in came if id in kept] == order
        assert len(came) == len(set(came))


async def test_an_empty_list_has_an_empty_page(database: None) -> None:
    found = await load(BOTH_WAYS[0], PageRequest())
    assert found.rows == []
    assert found.edges == []
    assert found.page_info.start_cursor is None
    assert not found.page_info.has_next_page
    assert await found.total_count == 0


async def test_the_size_is_25_unless_said(database: None) -> None:
    await some_tickets(30)
    found = await load(BOTH_WAYS[3], PageRequest())
    assert len(found.rows) == 25
    assert len({edge.cursor for edge in found.edges}) == 25
    assert await found.total_count == 30


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (PageRequest(first=0), "first is 0: ask for 1 to 100"),
        (PageRequest(first=-1), "first is -1"),
        (PageRequest(last=101), "last is 101"),
        (PageRequest(first=1, last=1), "first or last, not both"),
        (PageRequest(last=1, after="x"), "after goes with first"),
        (PageRequest(before="x"), "before goes with last"),
    ],
)
def test_bad_arguments_say_what_to_do(request_: PageRequest, told: str) -> None:
    with pytest.raises(BadPage, match=told):
        _ = request_.size


def forged(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


FORGERIES: list[tuple[object, ...]] = [
    (),
    ("closed",),
    ("closed", None, None),
    ("closed", None, True),
    ("closed", None, 2**63),
    ("closed", 5, 1),
    ("closed", "yesterday", 1),
    ("closed", "0001-01-01T00:00:00+23:59", 1),
    ("closed", "9999-12-31T23:59:59-23:59", 1),
    ("files", "many", 1),
    ("files", None, 1),
    ("files", True, 1),
    ("files", 1.5, 1),
    ("files", 2**63, 1),
    ("files", [1], 1),
    ("severity", 5, 1),
    ("severity", {"a": 1}, 1),
    ("other", 1, 1),
]


@pytest.mark.parametrize("text", ["", "!", "é", "\0", "A" * 9, "/w", "W10" * 40_000])
async def test_garbage_is_no_cursor(database: None, text: str) -> None:
    for sort in BOTH_WAYS[:4]:
        with pytest.raises(BadPage, match="after is no cursor of this list"):
            await load(sort, PageRequest(first=1, after=text))


async def test_a_forged_cursor_is_refused(database: None) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    for cursor in [deep, *(forged(*parts) for parts in FORGERIES)]:
        for sort in BOTH_WAYS[:4]:
            with pytest.raises(BadPage, match="before is no cursor of this list"):
                await load(sort, PageRequest(last=1, before=cursor))


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        (("files", 2**63 - 1, -(2**63)), 2),
        (("files", -(2**63), 0), 2),
        (("severity", "\0", 1), 1),
        (("number", 2**62, 0), 3),
        (("closed", "2026-01-31", 1), 0),
        (("closed", "2026-01-31T12:00:00+01:00", 1), 0),
    ],
)
async def test_a_well_formed_forgery_finds_what_it_says(
    database: None, parts: tuple[object, ...], place: int
) -> None:
    await some_tickets()
    for sort in (sorts(descending=False)[place], sorts(descending=True)[place]):
        forward = await load(sort, PageRequest(first=100, after=forged(*parts)))
        backward = await load(sort, PageRequest(last=100, before=forged(*parts)))
        assert len(forward.rows) + len(backward.rows) == 23


def test_a_unique_key_leaves_no_id_in_the_cursor() -> None:
    sort = Sort("files", "t.attachment_count", lambda row: row.attachment_count, unique=True)
    one, other = ticket(attachment_count=3), ticket(attachment_count=3)
    assert sort.cursor(one) == sort.cursor(other)
