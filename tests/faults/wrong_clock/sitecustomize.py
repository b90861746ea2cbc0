"""Loaded by Python before anything else: the clock of this process is wrong by so many seconds.

Nothing but the clock on the wall: timers and time-outs, which go by another, are as they were.
"""

import datetime as dt
import os
import time

SHIFT_S = float(os.environ["WRONG_CLOCK_S"])
_time, _time_ns = time.time, time.time_ns
_datetime = dt.datetime


class _Kind(type):
    """What a driver makes is a datetime, too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)


class datetime(_datetime, metaclass=_Kind):  # noqa: N801
    """The same, but for what time it is."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> _datetime:
        return _datetime.now(tz) + dt.timedelta(seconds=SHIFT_S)


def shifted_time() -> float:
    return _time() + SHIFT_S


def shifted_time_ns() -> int:
    return _time_ns() + int(SHIFT_S * 1_000_000_000)


time.time, time.time_ns = shifted_time, shifted_time_ns
dt.datetime = datetime
