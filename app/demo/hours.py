"""When things happen at the demo desk: in business hours mostly, by the clock of Rome."""

from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
OPENS, CLOSES = time(8, 30), time(18)
"""The desk's day, Monday to Friday."""
WAKES, SLEEPS = time(7), time(23)
"""A contact's day, every day."""
FRIDAY = 4


def moments(random: Random, now: datetime, days: int, number: int) -> list[datetime]:
    """So many moments of the last days, in order, more of them lately; none in the night."""
    return sorted(_moment(random, now, int(days * random.random() ** 1.5)) for _ in range(number))


def is_work(at: datetime) -> bool:
    """Whether the desk is open."""
    local = at.astimezone(ROME)
    return local.weekday() <= FRIDAY and OPENS <= local.time() < CLOSES


def later(random: Random, at: datetime, hours: tuple[float, float]) -> datetime:
    """So many hours after, give or take."""
    return at + timedelta(seconds=int(random.uniform(*hours) * 3600))


def at_work(random: Random, at: datetime) -> datetime:
    """The moment itself, or a little after the desk next opens."""
    if is_work(at):
        return at
    local = at.astimezone(ROME)
    if local.time() >= CLOSES:
        local = _morning(local + timedelta(days=1), OPENS)
    while local.weekday() > FRIDAY:
        local = _morning(local + timedelta(days=1), OPENS)
    if local.time() < OPENS:
        local = _morning(local, OPENS)
    return _soon(random, local, at)


def awake(random: Random, at: datetime) -> datetime:
    """The moment itself, or a little after people get up."""
    local = at.astimezone(ROME)
    if local.time() >= SLEEPS:
        local = _morning(local + timedelta(days=1), WAKES)
    if local.time() < WAKES:
        local = _morning(local, WAKES)
    return at if local == at else _soon(random, local, at)


def _moment(random: Random, now: datetime, days_ago: int) -> datetime:
    """On that day, or one before it: at work six times in seven, else while people are awake."""
    working = random.random() < 6 / 7
    opens, closes = (OPENS, CLOSES) if working else (WAKES, SLEEPS)
    day = now.astimezone(ROME) - timedelta(days=days_ago)
    while True:
        at = _between(random, _morning(day, opens), _morning(day, closes)).astimezone(now.tzinfo)
        if at <= now and (is_work(at) or not working):
            return at
        day -= timedelta(days=1)


def _between(random: Random, low: datetime, high: datetime) -> datetime:
    return low + timedelta(seconds=random.randrange(int((high - low).total_seconds())))


def _morning(day: datetime, opens: time) -> datetime:
    return datetime.combine(day.date(), opens, ROME)


def _soon(random: Random, local: datetime, at: datetime) -> datetime:
    return local.astimezone(at.tzinfo) + timedelta(seconds=random.randint(30, 5400))
