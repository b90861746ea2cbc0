"""Bursts of events at full speed, timed from the first one to the last viewer's last frame."""

import statistics
import time
from dataclasses import asdict, dataclass

from bench.support.crowd import Crowd
from bench.support.processes import BenchError
from bench.support.report import progress, rounded
from bench.support.targets import Target

WARM_UP = 5
"""Events nobody times: caches fill, JITs compile."""
ROUNDS_LEAST, MEASURED_S = 3, 3.0
"""So many rounds and so long a time, unless the budget ends first."""
ROUND_S = 12.0
"""A round that would take longer has fewer events."""
PATIENCE_S = 180.0


@dataclass(frozen=True)
class Round:
    """One burst."""

    seconds: float
    writing_s: float
    server_cpu_s: float
    client_cpu_s: float


@dataclass(frozen=True)
class Speed:
    """What one server did; rates are medians over its rounds."""

    deliveries_per_s: float
    events_per_s: float
    writes_per_s: float
    """How fast the burst itself was taken: for the real server, mutations answered."""
    events: int
    """In each round."""
    live: int
    stalled: int
    rounds: int
    slowest: float
    """The lowest deliveries per second of a round, and beside it the highest."""
    fastest: float
    server_cpu: float
    """Busy share of its core, and beside it that of the load generator's."""
    client_cpu: float
    deliveries_per_cpu_s: float
    """For each second of processor time of the server: tells less of who else is at work."""

    def raw(self) -> dict[str, float | int]:
        """As it stands in a line of JSON."""
        return {name: rounded(number) for name, number in asdict(self).items()}


async def speed(target: Target, viewers: int, events: int, budget_s: float) -> Speed:
    """Open the viewers and take rounds until there is enough, or the budget is spent."""
    progress(f"{target.name}: opening {viewers} viewers")
    crowd = await target.crowd(viewers)
    try:
        warm = await one_round(target, crowd, WARM_UP)
        events = max(1, min(events, int(ROUND_S / warm.seconds * WARM_UP)))
        rounds: list[Round] = []
        while not _enough(rounds, budget_s):
            rounds.append(await one_round(target, crowd, events))
        _in_order(crowd)
    finally:
        crowd.close()
    found = _speed(crowd_size=viewers, stalled=viewers // 100, events=events, rounds=rounds)
    progress(f"{target.name}: {found.deliveries_per_s:,.0f} deliveries/s")
    return found


def _enough(rounds: list[Round], budget_s: float) -> bool:
    spent = sum(one.seconds for one in rounds)
    if not rounds:
        return False
    return (len(rounds) >= ROUNDS_LEAST and spent >= MEASURED_S) or (
        spent + rounds[-1].seconds > budget_s
    )


async def one_round(target: Target, crowd: Crowd, events: int) -> Round:
    """So many events, until each viewer that reads has each of them."""
    crowd.expect(events)
    server, client = target.process.cpu_s, time.process_time()
    begun = time.perf_counter()
    await target.burst(events)
    written = time.perf_counter()
    ended = await crowd.all_arrived(PATIENCE_S)
    return Round(
        ended - begun,
        written - begun,
        target.process.cpu_s - server,
        time.process_time() - client,
    )


def _in_order(crowd: Crowd) -> None:
    """Those who keep what they get have every entry once and in order."""
    for frames in crowd.kept("EntryAdded"):
        numbers = [frame["entry"]["number"] for frame in frames]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise BenchError(f"entries out of order: {numbers}")


def _speed(*, crowd_size: int, stalled: int, events: int, rounds: list[Round]) -> Speed:
    live = crowd_size - stalled
    rates = [events * live / one.seconds for one in rounds]
    total = sum(one.seconds for one in rounds)
    server_cpu_s = sum(one.server_cpu_s for one in rounds)
    median = statistics.median(rates)
    return Speed(
        deliveries_per_s=median,
        events_per_s=median / live,
        writes_per_s=statistics.median(events / one.writing_s for one in rounds),
        events=events,
        live=live,
        stalled=stalled,
        rounds=len(rounds),
        slowest=min(rates),
        fastest=max(rates),
        server_cpu=server_cpu_s / total,
        client_cpu=sum(one.client_cpu_s for one in rounds) / total,
        deliveries_per_cpu_s=len(rounds) * events * live / server_cpu_s if server_cpu_s else 0.0,
    )
