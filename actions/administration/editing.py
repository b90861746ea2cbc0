"""How a change of the desk is made: by who may, one after another, each in the audit log."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar, cast

import structlog
from structlog.typing import FilteringBoundLogger
from tortoise.models import Model

from actions.idempotency import once
from actions.operators import rights_changed
from actions.refusals import NotFound, NotPermitted
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.enums import Right
from models.records import EventRecord
from models.sights import sight_for
from models.sql import clock, connection

log: FilteringBoundLogger = structlog.get_logger()
T = TypeVar("T")
RowT = TypeVar("RowT", bound=Model)
Change = tuple[str, str | None, str | None]
"""Field in the API's spelling, from, to: in words a person reads."""
CHANGE_LIMIT = 500
"""Characters of one side of a change that the log keeps."""


@dataclass(frozen=True)
class Create:
    """A thing to be made: what kind, and the fields given, local ids and all."""

    kind: str
    fields: Mapping[str, Any]
    idempotency_key: str | None = None


async def permitted(by: OperatorCaller, right: Right, body: Callable[[], Awaitable[T]]) -> T:
    """Run `body` in a unit of work, alone among changes of the desk. Raises NotPermitted.

    The desk's row is held first: who may is judged by what the change before committed, and what
    `body` finds in the organisation stays so until it has ended. Sights are not to be loaded
    after `body` has written: they are kept by a version that is moved last.
    """

    async def do() -> T:
        await connection().execute_query("UPDATE desk SET id = id WHERE id = 1")
        sight = await sight_for(by)
        if not sight.has(right):
            raise NotPermitted(right.value)
        return await body()

    return await unit_of_work(do)


async def created(
    by: OperatorCaller,
    right: Right,
    request: Create,
    model: type[RowT],
    body: Callable[[], Awaitable[RowT]],
) -> RowT:
    """`permitted`, and the same key twice makes one.

    Who deleted what the first made wanted it gone: a retry that comes late does not bring it back.
    Raises NotPermitted, IdempotencyConflict, and NotFound for that.
    """

    async def again(kept: dict[str, Any]) -> RowT:
        return await found(model, kept["id"])

    return await permitted(
        by, right, lambda: once(by, request, body, lambda row: {"id": row.pk}, again)
    )


async def found(model: type[RowT], id: int) -> RowT:
    """The row; raises NotFound."""
    row = await model.get_or_none(id=id)
    if row is None:
        raise NotFound
    return row


class Edit(Generic[RowT]):
    """One row on its way from what it was to what it is to be."""

    def __init__(self, row: RowT, kind: str) -> None:
        """`kind` is that of its global id."""
        self.row = row
        self.kind = kind
        self.new = row.pk is None
        self.changes: list[Change] = []

    def set(self, column: str, value: object) -> None:
        """Give the column a value that speaks for itself."""
        was = None if self.new else words(getattr(self.row, column))
        setattr(self.row, column, value)
        if was != words(value):
            self.note(column, was, words(value))

    async def link(self, column: str, model: type[Model], other: Model | None) -> None:
        """Have the column lead to another row, or to none; the log has their names."""
        id = other.pk if other is not None else None
        before = await model.get_or_none(id=getattr(self.row, column) or 0)
        if id != getattr(self.row, column):
            self.note(column.removesuffix("_id"), named(before), named(other))
        setattr(self.row, column, id)

    def set_all(self, columns: Mapping[str, object]) -> None:
        """Give several columns values that speak for themselves."""
        for column, value in columns.items():
            self.set(column, value)

    def note(self, field: str, was: str | None, now: str | None) -> None:
        """Something changed that is no column of the row."""
        self.changes.append((camel(field), _short(was), _short(now)))

    async def commit(self, by: OperatorCaller, verb: str, *, rights: bool) -> RowT:
        """Save, and write it down: `verb` is create, update …; `rights` if sights may differ."""
        if self.new or self.changes:
            await self.row.save()
            await record_change(by, self.kind, self.row, verb, self.changes)
            if rights:
                await rights_changed()
        return self.row


async def removed(by: OperatorCaller, row: Model, kind: str, *, rights: bool = True) -> None:
    """Delete a row that nothing refers to, and write it down."""
    await record_change(by, kind, row, "delete", [])
    await row.delete()
    if rights:
        await rights_changed()


async def record_change(
    by: OperatorCaller, kind: str, row: Model, verb: str, changes: Sequence[Change]
) -> None:
    """A line of the audit log: who, when, what, from, to."""
    log.info("desk changed", subject=f"{kind}:{row.pk}", verb=verb, fields=[c[0] for c in changes])
    await EventRecord.create(
        at=await clock(),
        kind=f"{camel(kind[0].lower() + kind[1:])}.{verb}",
        caller=by.key,
        subject=f"{kind}:{row.pk}",
        data={"name": named(row), "changes": [list(one) for one in changes]},
    )


def words(value: object) -> str | None:
    """A value as a person reads it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        many = cast(Iterable[object], value)
        return ", ".join(sorted(words(one) or "" for one in many)) or None
    return str(value)


def named(row: Model | None) -> str | None:
    """What people call it."""
    return None if row is None else words(getattr(row, "name", None)) or f"#{row.pk}"


def camel(name: str) -> str:
    """A column as the API spells it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _short(text: str | None) -> str | None:
    return text if text is None or len(text) <= CHANGE_LIMIT else text[: CHANGE_LIMIT - 1] + "…"
