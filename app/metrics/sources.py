"""Where the numbers are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from app.health.loop_lag import LoopLag
from app.metrics.requests import Requests
from app.metrics.units import Units
from app.transport.connections import Connections
from realtime.backends.base import Counts
from realtime.tally import Tally


@dataclass(frozen=True)
class Sources:
    """All that one application counts."""

    connections: Connections
    tally: Tally
    hints: Counts
    hints_flow: Callable[[], bool]
    costs_shared: Callable[[], bool]
    claim_held: Callable[[], bool]
    lag: LoopLag
    units: Units = field(default_factory=Units)
    requests: Requests = field(default_factory=Requests)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """By (mutation, refusal)."""

    def refused(self, mutation: str, refusal: str) -> None:
        """Count one."""
        self.refusals[mutation, refusal] += 1
