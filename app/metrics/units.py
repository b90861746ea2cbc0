"""Units of work: how many, how they ended, how long they took."""

from collections import Counter

from actions.refusals import Refusal
from actions.unit_of_work import Ended
from realtime.tally import Latencies


class Units:
    """Those of this process."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter(committed=0, refused=0, failed=0)
        self.durations = Latencies()

    def ended(self, unit: Ended) -> None:
        """Count one that is over."""
        self.outcomes[outcome_of(unit)] += 1
        self.durations.observe(unit.seconds)


def outcome_of(unit: Ended) -> str:
    """`committed`; `refused`, to a caller who was told why; or `failed`."""
    if unit.error is None:
        return "committed"
    return "refused" if isinstance(unit.error, Refusal) else "failed"
