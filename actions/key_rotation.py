"""Every secret of the database, encrypted anew with the key in use."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from actions.keys import KeyLost, ring
from actions.unit_of_work import unit_of_work
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail

BATCH = 100
"""Rows of one unit of work: a desk at work waits for no more."""
SECRETS: dict[type[Model], tuple[str, ...]] = {
    MailServer: ("secret",),
    Mailbox: ("oauth_client_secret", "oauth_refresh_token", "oauth_access_token"),
    OutboundMail: ("input.secret_url",),
}
"""Where secrets are. What `keys.ring().encrypt` fills belongs here: a column, or a name within one
that holds JSON."""
ONLY: dict[type[Model], Q] = {
    OutboundMail: Q(kind=MailKind.PASSWORD_RESET) & ~Q(state=OutboundState.SENT)
}
"""Rows that have some, where not all do: what was sent is never put together again."""


@dataclass(frozen=True)
class Progress:
    """How far it has come."""

    done: int
    total: int
    rotated: int
    unreadable: tuple[str, ...]
    """`Table.column of id`, of those that no key reads."""


async def rotate() -> AsyncGenerator[Progress]:
    """Batch by batch, the progress after each; again, and it has nothing to do.

    A secret that somebody changes meanwhile is encrypted with the key in use by them.
    """
    total = 0
    for model in SECRETS:
        total += await _rows(model).count()
    now = Progress(0, total, 0, ())
    for model, columns in SECRETS.items():
        last = 0
        while True:
            found: Any = _rows(model).filter(id__gt=last).order_by("id").limit(BATCH)
            batch: list[Model] = await found
            if not batch:
                break
            last = batch[-1].pk
            rotated, unreadable = await unit_of_work(partial(_rotated, batch, columns))
            now = Progress(
                now.done + len(batch),
                total,
                now.rotated + rotated,
                (*now.unreadable, *unreadable),
            )
            yield now


async def _rotated(batch: list[Model], columns: tuple[str, ...]) -> tuple[int, list[str]]:
    """How many were encrypted anew, and which cannot be read."""
    count, unreadable = 0, list[str]()
    for row in batch:
        for column in columns:
            stored = _stored(row, column)
            if ring().is_current(stored):
                continue
            try:
                anew = ring().rotated(stored)
            except KeyLost:
                unreadable.append(_name(row, column))
                continue
            count += await _replaced(row, column, anew)
    return count, unreadable


async def unreadable() -> list[str]:
    """The secrets that no key reads: `Table.column of id`."""
    found: list[str] = []
    for model, columns in SECRETS.items():
        rows: Any = _rows(model).order_by("id")
        for row in await rows:
            for column in columns:
                try:
                    ring().decrypt(_stored(row, column))
                except KeyLost:
                    found.append(_name(row, column))
    return found


def _rows(model: type[Model]) -> QuerySet[Any]:
    return model.filter(ONLY.get(model, Q()))


def _stored(row: Model, column: str) -> str:
    name, _, key = column.partition(".")
    value = getattr(row, name)
    return value.get(key, "") if key else value


async def _replaced(row: Model, column: str, anew: str) -> int:
    """How many rows: none when somebody changed it meanwhile. What JSON holds nobody changes."""
    name, _, key = column.partition(".")
    before = getattr(row, name)
    same = {} if key else {name: before}
    query: Any = type(row).filter(id=row.pk, **same)
    return await query.update(**{name: {**before, key: anew} if key else anew})


def _name(row: Model, column: str) -> str:
    return f"{type(row).__name__}.{column} of {row.pk}"
