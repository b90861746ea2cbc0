"""The two dialects: placeholders, lists, the clock, rows."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeGuard, TypeVar

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.models import Model

ModelT = TypeVar("ModelT", bound=Model)


def connection() -> Any:
    """The current connection: the transaction's inside a unit of work, else the pool's."""
    return get_connection("default")


def in_transaction() -> bool:
    """Whether what is sent now belongs to a unit of work."""
    return isinstance(connection(), TransactionalDBClient)


def is_postgres() -> bool:
    """Whether we talk to PostgreSQL (else SQLite)."""
    dialect: str = connection().capabilities.dialect
    return dialect == "postgres"


class Statement:
    """SQL text under construction: values become parameters, never text."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.postgres = is_postgres()

    def add(self, value: Any) -> str:
        """The placeholder of a new parameter, a value or a list of them."""
        plain = [_plain(one) for one in value] if _is_list(value) else _plain(value)
        self.values.append(plain)
        return f"{'$' if self.postgres else '?'}{len(self.values)}"

    def among(self, column: str, options: Iterable[int | str]) -> str:
        """`column` is one of these; one parameter whatever their number."""
        ordered: list[int | str] = sorted(map(_plain, options), key=str)
        if self.postgres:
            return f"{column} = ANY({self.add(ordered)})"
        return f"{column} IN (SELECT value FROM json_each({self.add(json.dumps(ordered))}))"

    def pairs(self, values: Sequence[tuple[int, int]], first: str, second: str) -> str:
        """A table of two columns of numbers, to be given an alias."""
        if self.postgres:
            columns = [self.add([pair[place] for pair in values]) for place in (0, 1)]
            arrays = ", ".join(f"{column}::bigint[]" for column in columns)
            return f"(SELECT * FROM unnest({arrays}) AS given({first}, {second}))"
        parts = f"json_extract(value, '$[0]') AS {first}, json_extract(value, '$[1]') AS {second}"
        return f"(SELECT {parts} FROM json_each({self.add(json.dumps(values))}))"

    @property
    def now(self) -> str:
        """The instant, by the database's own clock, which moves within a transaction."""
        return "clock_timestamp()" if self.postgres else self.add(datetime.now(UTC))


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _plain(value: Any) -> Any:
    """NUL, which PostgreSQL refuses and SQLite's JSON ends at, becomes U+FFFD."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


async def rows(sql: str, statement: Statement) -> list[dict[str, Any]]:
    """The rows of a query, or of a write with RETURNING, as dictionaries."""
    found: list[dict[str, Any]] = await connection().execute_query_dict(sql, statement.values)
    return found


async def instances(
    model: type[ModelT], sql: str, statement: Statement, extra: Sequence[str] = ()
) -> list[ModelT]:
    """The rows as models; `extra` columns are set as attributes."""
    database = connection()
    executor = database.executor_class(model=model, db=database)
    if statement.postgres and not sql.lstrip().upper().startswith("SELECT"):
        sql = f"WITH written AS ({sql}) SELECT * FROM written"
    found: list[ModelT] = await executor.execute_select(
        sql, statement.values, custom_fields=list(extra)
    )
    return found


async def clock() -> datetime:
    """Now, by the only clock that counts: the database's; on SQLite the process's."""
    if not is_postgres():
        return datetime.now(UTC)
    found = await connection().execute_query_dict("SELECT clock_timestamp() AS now")
    now: datetime = found[0]["now"]
    return now
