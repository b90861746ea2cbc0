"""Conditions on a row that are written once and hold in SQL and in memory alike.

Both forms are two-valued: a comparison with NULL is false, and `Not` of it true, as in Python.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.sql import Statement


class Condition(ABC):
    """Something a row fulfils or not."""

    @abstractmethod
    def sql(self, to: Statement) -> str:
        """As SQL over alias `t`, its values added to the statement."""

    @abstractmethod
    def holds(self, row: Any) -> bool:
        """Whether a row in memory, with the columns as attributes, fulfils it."""


@dataclass(frozen=True)
class Every(Condition):
    """All parts hold; with no part, always."""

    parts: tuple[Condition, ...]

    def sql(self, to: Statement) -> str:
        return "(" + " AND ".join(part.sql(to) for part in self.parts) + ")" if self.parts else TRUE

    def holds(self, row: Any) -> bool:
        return all(part.holds(row) for part in self.parts)


@dataclass(frozen=True)
class Some(Condition):
    """At least one part holds; with no part, never."""

    parts: tuple[Condition, ...]

    def sql(self, to: Statement) -> str:
        return "(" + " OR ".join(part.sql(to) for part in self.parts) + ")" if self.parts else FALSE

    def holds(self, row: Any) -> bool:
        return any(part.holds(row) for part in self.parts)


@dataclass(frozen=True)
class Not(Condition):
    """The part does not hold, unknown counting as false."""

    part: Condition

    def sql(self, to: Statement) -> str:
        return f"({self.part.sql(to)}) IS NOT TRUE"

    def holds(self, row: Any) -> bool:
        return not self.part.holds(row)


@dataclass(frozen=True)
class Is(Condition):
    """The column has this value; None is a value like another."""

    column: str
    value: int | str | bool | None

    def sql(self, to: Statement) -> str:
        if self.value is None:
            return f"t.{self.column} IS NULL"
        return f"t.{self.column} = {to.add(_plain(self.value))}"

    def holds(self, row: Any) -> bool:
        return getattr(row, self.column) == self.value


@dataclass(frozen=True)
class IsIn(Condition):
    """The column has one of these values."""

    column: str
    values: frozenset[int] | frozenset[str]

    def sql(self, to: Statement) -> str:
        if not self.values:
            return FALSE
        return to.among(f"t.{self.column}", (_plain(value) for value in self.values))

    def holds(self, row: Any) -> bool:
        return getattr(row, self.column) in self.values


@dataclass(frozen=True)
class Within(Condition):
    """The time lies in [low, high); an open end is None, a missing time is outside."""

    column: str
    low: datetime | None
    high: datetime | None

    def sql(self, to: Statement) -> str:
        bounds = [f"t.{self.column} IS NOT NULL"]
        if self.low is not None:
            bounds.append(f"t.{self.column} >= {to.add(self.low)}")
        if self.high is not None:
            bounds.append(f"t.{self.column} < {to.add(self.high)}")
        return "(" + " AND ".join(bounds) + ")"

    def holds(self, row: Any) -> bool:
        at: datetime | None = getattr(row, self.column)
        if at is None:
            return False
        return (self.low is None or at >= self.low) and (self.high is None or at < self.high)


@dataclass(frozen=True)
class Tagged(Condition):
    """The ticket carries at least one of these tags."""

    tags: frozenset[str]

    def sql(self, to: Statement) -> str:
        if to.postgres:
            return f"t.tags ?| {to.add(sorted(self.tags))}::text[]"
        among = to.among("value", self.tags)
        return f"EXISTS (SELECT 1 FROM json_each(t.tags) WHERE {among})"

    def holds(self, row: Any) -> bool:
        return not self.tags.isdisjoint(row.tags)


@dataclass(frozen=True)
class Related(Condition):
    """What only other tables can answer: in memory it takes a lookup made beforehand."""

    text: Callable[[Statement], str]
    lookup: Callable[[Any], bool] | None = None

    def sql(self, to: Statement) -> str:
        return self.text(to)

    def holds(self, row: Any) -> bool:
        if self.lookup is None:
            raise LookupError("this condition cannot be decided in memory")
        return self.lookup(row)


def _plain(value: int | str | bool) -> int | str | bool:
    return value.value if isinstance(value, StrEnum) else value


TRUE = "(1 = 1)"
FALSE = "(1 = 0)"
ALWAYS = Every(())
NEVER = Some(())
