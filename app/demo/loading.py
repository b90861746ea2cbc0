"""Fills an empty desk with half a year of work."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random

from actions.events import RightsChanged
from actions.passwords import hashed
from actions.unit_of_work import record, unit_of_work
from app.demo import people, rows, traces
from app.demo.cast import Cast
from app.demo.chronicle import Chronicle
from app.demo.desk import set_up
from app.demo.files import Files
from app.demo.logins import OPEN_SESAME
from app.demo.opening import Openings
from models.desk import Desk
from models.people import Operator

StoragePut = Callable[[str, bytes], Awaitable[None]]
"""Stores a file's bytes under a key."""
Progress = Callable[[int, int], None]
"""Told how many tickets of how many are written."""

SEED = 20260101
DEADLINE_S = 600.0
VERSIONS = 2**20


class Dice(Random):
    """Chance that repeats itself: the same seed, the same desk."""


class DemoRefused(Exception):
    """The desk is not empty; nothing was written."""


async def load(storage_put: StoragePut, now: datetime, progress: Progress | None = None) -> None:
    """Write operators, contacts and about 300 tickets up to `now`, all of it or nothing.

    The database is open and migrated. The same `now` gives the same rows, apart from the salt of
    the password. Raises DemoRefused when the desk has operators already.
    """
    # One hash for all accounts: each costs 64 MiB and a tenth of a second, and hides nothing here.
    password_hash = await hashed(OPEN_SESAME)

    async def do() -> None:
        if await Operator.exists():
            raise DemoRefused("This desk has operators already: demo data goes into an empty one.")
        await _load(storage_put, now.replace(microsecond=0), password_hash, progress or _nothing)

    await unit_of_work(do, DEADLINE_S)


async def _load(
    storage_put: StoragePut, now: datetime, password_hash: str, progress: Progress
) -> None:
    # At a version nobody else will ever have: sights that are remembered while loading must not
    # be taken for those of another desk, should this one be rolled back.
    await _move_rights(secrets.randbelow(VERSIONS) + 1)
    random = Dice(SEED)
    desk = await set_up(password_hash)
    public = await people.settle(random, password_hash, now)
    cast, files = Cast(random, desk, public), Files(random)
    conversations = await Chronicle(random, now, cast, Openings(random, cast, files)).tell()
    await rows.write(conversations, progress)
    await traces.leave(random, now, desk, conversations)
    # Within the transaction, which no one waits for on an empty desk: no row without its file.
    for key, data in files.stored.items():
        await storage_put(key, data)
    await _move_rights(1)
    record(RightsChanged())


async def _move_rights(by: int) -> None:
    desk = await Desk.get(id=1)
    await Desk.filter(id=1).update(rights_version=desk.rights_version + by)


def _nothing(_done: int, _total: int) -> None:
    """Nobody watches."""
