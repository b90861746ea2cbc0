"""What the live layer counts: plain numbers, which the metrics read when somebody asks.

Who counts adds to an integer and knows of no metrics system; nothing here waits or raises.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""From a frame made at once to one that waited for a position check."""


class Latencies:
    """How long something took, sorted into fixed buckets: an observation is one addition."""

    def __init__(self, bounds_s: Sequence[float] = BOUNDS_S) -> None:
        self.bounds_s = tuple(bounds_s)
        self.total_s = 0.0
        self._counts = [0] * (len(self.bounds_s) + 1)

    def observe(self, seconds: float) -> None:
        """Note one duration; a bound belongs to the bucket below it."""
        self._counts[bisect_left(self.bounds_s, seconds)] += 1
        self.total_s += seconds

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self._counts)

    def cumulative(self) -> list[tuple[float, int]]:
        """Of each bound, how many took no longer; infinity last."""
        reached = 0
        found: list[tuple[float, int]] = []
        for bound, count in zip((*self.bounds_s, float("inf")), self._counts, strict=True):
            reached += count
            found.append((bound, reached))
        return found


@dataclass
class Tally:
    """The numbers of one process. Gauges go up and down; the others only grow."""

    feeds: Counter[str] = field(default_factory=Counter[str])
    """Gauge: open feeds, by the subscription field, such as `ticketEvents`; see `feed`."""
    audiences: int = 0
    """Gauge: groups of feeds that share one execution (document, variables, what they may see)."""
    events: int = 0
    """Changes that were loaded and had anybody to be told to."""
    executions: int = 0
    """Times a document was executed for an event: once an audience, once a feed if not shared."""
    deliveries: int = 0
    """Frames of events put into outboxes, one per feed."""
    gaps_repaired: int = 0
    """Times a position check found a ticket moved that no hint had told of."""
    resets: int = 0
    """Feeds told to begin anew because their cursor could not be replayed."""
    commit_to_frame: Latencies = field(default_factory=Latencies)
    """From the moment this process heard of a commit, which is its own announcement or the hint of
    another (clocks of two processes are not compared), to the frame in the outboxes."""

    @contextmanager
    def feed(self, kind: str) -> Generator[None]:
        """Count one open feed for as long as the block lasts."""
        self.feeds[kind] += 1
        try:
            yield
        finally:
            self.feeds[kind] -= 1
