"""Loaded by Python before anything else: the clock of this process is wrong by so many seconds.

Nothing but the clock on the wall: timers and time-outs, which go by another, are as they were.
"""

import datetime as dt
import os
import time
from importlib import import_module

for name in ("asyncpg", "tortoise.fields"):
    import_module(name)  # they build on the datetime there is when they are loaded

Datetime = dt.datetime
SHIFT = dt.timedelta(seconds=float(os.environ["WRONG_CLOCK_S"]))
_time, _time_ns = time.time, time.time_ns


class _Kind(type):
    """What a driver makes is a datetime, too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Datetime)


class Shifted(Datetime, metaclass=_Kind):
    """The same, but for what time it is."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Datetime:
        return Datetime.now(tz) + SHIFT


def shifted_time() -> float:
    return _time() + SHIFT.total_seconds()


def shifted_time_ns() -> int:
    return _time_ns() + int(SHIFT.total_seconds()) * 1_000_000_000


time.time, time.time_ns = shifted_time, shifted_time_ns
setattr(dt, "datetime", Shifted)  # noqa: B010
