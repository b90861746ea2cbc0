"""The same request twice is done once: keys that remember the first result for a day."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeVar

import orjson

from actions.refusals import IdempotencyConflict, invalid
from models.callers import Caller
from models.records import IdempotencyKey
from models.sql import Statement, clock, rows

T = TypeVar("T")
KEPT = timedelta(hours=24)
KEY_LIMIT = 200


async def once(
    caller: Caller,
    request: Any,
    do: Callable[[], Awaitable[T]],
    pack: Callable[[T], dict[str, Any]],
    replay: Callable[[dict[str, Any]], Awaitable[T]],
) -> T:
    """Do it, or return what the first request with this key and input returned.

    Within a unit of work: a retry waits on the key's row for the first. A refusal rolls the key
    back with the rest. Raises IdempotencyConflict when the key came with other input.
    """
    key: str | None = request.idempotency_key
    if key is None:
        return await do()
    if not key or len(key) > KEY_LIMIT or "\0" in key:
        raise invalid("idempotencyKey", f"Use 1 to {KEY_LIMIT} characters, none of them NUL.")
    digest = _digest(request)
    if not await _claim(caller.key, key, digest):
        first = await IdempotencyKey.get(caller=caller.key, key=key)
        if first.input_hash != digest:
            raise IdempotencyConflict
        return await replay(first.result)
    result = await do()
    await IdempotencyKey.filter(caller=caller.key, key=key).update(result=pack(result))
    return result


async def _claim(caller: str, key: str, digest: str) -> bool:
    to = Statement()
    now = await clock()
    sql = f"""
        INSERT INTO idempotency_key (caller, key, input_hash, result, created_at)
        VALUES ({to.add(caller)}, {to.add(key)}, {to.add(digest)}, '{{}}', {to.add(now)})
        ON CONFLICT (caller, key) DO UPDATE
            SET input_hash = excluded.input_hash, created_at = excluded.created_at, result = '{{}}'
            WHERE idempotency_key.created_at < {to.add(now - KEPT)}
        RETURNING id"""
    return bool(await rows(sql, to))


def _digest(request: Any) -> str:
    content = {"operation": type(request).__name__, **asdict(request)}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
