"""Pages by keyset: cursors stay valid while rows come and go; NULLs last, ids break ties."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from models.sql import Statement

RowT = TypeVar("RowT")
DEFAULT_SIZE = 25
MOST = 100
Key = int | str | datetime | None


class BadPage(Exception):
    """Page arguments that cannot be used; the message names the argument and what to do."""


@dataclass(frozen=True)
class PageRequest:
    """`first` after a cursor, or `last` before one."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    @property
    def backward(self) -> bool:
        return self.last is not None

    @property
    def size(self) -> int:
        """Rows wanted. Raises BadPage."""
        if self.first is not None and self.last is not None:
            raise BadPage("Give first or last, not both.")
        if self.after is not None and self.backward:
            raise BadPage("after goes with first, before with last.")
        if self.before is not None and not self.backward:
            raise BadPage("before goes with last: say how many.")
        name, size = ("last", self.last) if self.backward else ("first", self.first)
        if size is None:
            return DEFAULT_SIZE
        if not 1 <= size <= MOST:
            raise BadPage(f"{name} is {size}: ask for 1 to {MOST}.")
        return size


@dataclass(frozen=True)
class Sort:
    """What a list is sorted by."""

    name: str
    """Goes into the cursor, so that one of another list or order is refused."""
    sql: str
    key: Callable[[Any], Key]
    descending: bool = False
    holds: type[int] | type[str] | type[datetime] = int
    nullable: bool = False
    """Only then NULLS LAST is asked for: no index of PostgreSQL has them last both ways."""
    unique: bool = False
    """No two rows of the list share a key: nothing to break, and no id in the cursor."""

    def cursor(self, row: Any) -> str:
        """Where this row stands."""
        key = self.key(row)
        plain = key.isoformat() if isinstance(key, datetime) else key
        raw = json.dumps([self.name, plain, 0 if self.unique else row.id])
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    def parse(self, cursor: str, argument: str) -> tuple[Key, int]:
        """Key and id of the row a cursor stands for. Raises BadPage."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, key, id = json.loads(raw)
            if name != self.name or not _is_number(id):
                raise ValueError(name)
            return self._typed(key), id
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise BadPage(
                f"{argument} is no cursor of this list and order: pass one it gave you."
            ) from None

    def order(self, *, backward: bool) -> str:
        """The ORDER BY clause."""
        way = "DESC" if self.descending is not backward else "ASC"
        nulls = (" NULLS FIRST" if backward else " NULLS LAST") if self.nullable else ""
        tie = "" if self.unique else f", t.id {way}"
        return f"{self.sql} {way}{nulls}{tie}"

    def beyond(self, cursor: str, to: Statement, *, backward: bool) -> str:
        """The condition that a row comes after the cursor (backward: before)."""
        key, id = self.parse(cursor, "before" if backward else "after")
        than = "<" if self.descending is not backward else ">"
        if key is None:
            same = f"({self.sql} IS NULL AND t.id {than} {to.add(id)})"
            return f"({self.sql} IS NOT NULL OR {same})" if backward else same
        # A cursor may be forged: PostgreSQL takes no number too large for the column's own type.
        value = f"CAST({to.add(key)} AS BIGINT)" if self.holds is int else to.add(key)
        terms = [f"{self.sql} {than} {value}"]
        if not self.unique:
            terms.append(f"({self.sql} = {value} AND t.id {than} {to.add(id)})")
        if self.nullable and not backward:
            terms.append(f"{self.sql} IS NULL")
        return "(" + " OR ".join(terms) + ")"

    def _typed(self, key: Any) -> Key:
        """What JSON made of a key, as its column has it. Raises ValueError, TypeError."""
        if key is None and self.nullable:
            return None
        if self.holds is datetime and isinstance(key, str):
            return datetime.fromisoformat(key).astimezone(UTC)
        if (self.holds is int and not _is_number(key)) or not isinstance(key, self.holds):
            raise TypeError(key)
        if isinstance(key, str):
            key.encode()  # JSON may hold half a surrogate pair, which no database takes
        return key


def _is_number(value: object) -> bool:
    """Whether it is a number that fits the widest column."""
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


@dataclass(frozen=True)
class Edge(Generic[RowT]):
    """A row and where it stands."""

    node: RowT
    cursor: str


@dataclass(frozen=True)
class PageInfo:
    """What else there is (Relay Cursor Connections)."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """Some rows of a list, and what else there is."""

    rows: list[RowT]
    sort: Sort
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]

    @property
    def edges(self) -> list[Edge[RowT]]:
        return [Edge(row, self.sort.cursor(row)) for row in self.rows]

    @property
    def page_info(self) -> PageInfo:
        first, last = (self.rows[0], self.rows[-1]) if self.rows else (None, None)
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.has_previous,
            start_cursor=self.sort.cursor(first) if first is not None else None,
            end_cursor=self.sort.cursor(last) if last is not None else None,
        )

    @property
    def total_count(self) -> Awaitable[int]:
        """Counted only when asked for."""
        return self.count()


Load = Callable[[str, Statement], Awaitable[list[RowT]]]


async def page(
    request: PageRequest,
    sort: Sort,
    where: Callable[[Statement], str],
    *,
    select: Callable[[Statement], str],
    load: "Load[RowT]",
    count: Callable[[], Awaitable[int]],
) -> Page[RowT]:
    """One page in one statement: `select` says columns and tables (alias `t`), `where` which rows.

    Raises BadPage for arguments that cannot be used.
    """
    size, backward = request.size, request.backward
    to = Statement()
    sql = f"{select(to)} WHERE {where(to)}"
    cursor = request.before if backward else request.after
    if cursor is not None:
        sql += f" AND {sort.beyond(cursor, to, backward=backward)}"
    sql += f" ORDER BY {sort.order(backward=backward)} LIMIT {to.add(size + 1)}"
    found = await load(sql, to)
    return cut(found, request, sort, count)


def cut(
    found: list[RowT], request: PageRequest, sort: Sort, count: Callable[[], Awaitable[int]]
) -> Page[RowT]:
    """The page out of rows in the order of the query, one more than wanted if there is one."""
    size, backward = request.size, request.backward
    more, kept = len(found) > size, found[:size]
    if backward:
        kept.reverse()
    elsewhere = (request.before if backward else request.after) is not None
    return Page(
        rows=kept,
        sort=sort,
        has_next=elsewhere if backward else more,
        has_previous=more if backward else elsewhere,
        count=count,
    )
