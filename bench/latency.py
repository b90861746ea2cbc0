"""Latency: from an entry to its frame at each viewer, at one event a second.

Counted from the entry's `createdAt`, which the server notes while the write is under way: a little
before the commit, so that the true time from commit to frame is less. For the bare broadcast it is
the moment before the first send.
"""

import asyncio
import statistics
import time
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bench.support.databases import KINDS
from bench.support.options import Size, sizes
from bench.support.program import run
from bench.support.report import figure, progress, rounded
from bench.support.rounds import PATIENCE_S, WARM_UP, one_round
from bench.support.targets import Target, peer, real

Found = dict[str, float]
LATE = 0.99


async def latency(target: Target, viewers: int, events: int, apart_ms: int) -> Found:
    """Milliseconds to each viewer's frame of each event."""
    progress(f"{target.name}: opening {viewers} viewers")
    crowd = await target.crowd(viewers)
    try:
        await one_round(target, crowd, WARM_UP)
        crowd.arrivals = []
        begun: list[float] = []
        for _ in range(events):
            crowd.expect(1)
            begun.append(time.time())
            await target.burst(1)
            await crowd.all_arrived(PATIENCE_S)
            await asyncio.sleep(max(0.0, begun[-1] + apart_ms / 1000 - time.time()))
        written = [
            datetime.fromisoformat(frame["entry"]["createdAt"]).timestamp()
            for frame in crowd.kept("EntryAdded")[0][-events:]
        ]
        arrivals = [(number - WARM_UP - 1, at) for number, at in crowd.arrivals]
    finally:
        crowd.close()
    since_entry = sorted(at - written[number] for number, at in arrivals)
    since_asked = sorted(at - begun[number] for number, at in arrivals)
    return {
        "p50_ms": statistics.median(since_entry) * 1000,
        "p99_ms": _late(since_entry) * 1000,
        "max_ms": since_entry[-1] * 1000,
        "p99_from_request_ms": _late(since_asked) * 1000,
    }


def _late(ordered: list[float]) -> float:
    return ordered[int(LATE * (len(ordered) - 1))]


async def measure(viewers: int, events: int, apart: int) -> dict[str, Found]:
    """The bare broadcast, and the real server on both databases."""
    targets: list[AbstractAsyncContextManager[Target]] = [
        peer("bare"),
        *(real(kind, 1) for kind in KINDS),
    ]
    found: dict[str, Found] = {}
    for one in targets:
        async with one as target:
            found[target.name] = await latency(target, viewers, events, apart)
            progress(f"{target.name}: p99 {found[target.name]['p99_ms']:.1f} ms")
    return found


def main() -> None:
    given = sizes(
        __doc__,
        viewers=Size(1000, 20, "viewers of the ticket"),
        events=Size(15, 3, "events"),
        apart=Size(1000, 100, "milliseconds from one to the next"),
    )
    found = run(measure(**given))
    ours = max((f"sportello_{kind}" for kind in KINDS), key=lambda name: found[name]["p99_ms"])
    figure(
        "fanout_latency",
        found[ours]["p99_ms"] / found["bare"]["p99_ms"],
        viewers=given["viewers"],
        events=given["events"],
        slower_database=ours.removeprefix("sportello_"),
        **{
            name: {what: rounded(number) for what, number in one.items()}
            for name, one in found.items()
        },
    )


if __name__ == "__main__":
    main()
