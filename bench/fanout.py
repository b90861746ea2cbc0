"""Fan-out: deliveries per second to many viewers of one ticket, against four peers.

The real server writes each event through its API, into its database, with permissions and bounded
queues on; peers make theirs up in memory. Of SQLite and PostgreSQL the slower one counts.
"""

from contextlib import AbstractAsyncContextManager

from bench.support.databases import KINDS
from bench.support.options import Size, sizes
from bench.support.program import run
from bench.support.report import figure, rounded
from bench.support.rounds import Speed, speed
from bench.support.targets import Target, peer, real

PEERS = ("bare", "stock", "graphql-ws", "mercurius")
GOALS = {"bare": 0.8, "stock": 20, "graphql-ws": None, "mercurius": 4}
WRITERS = 4


async def measure(viewers: int, events: int, seconds: int) -> dict[str, Speed]:
    """Each server in turn, alone on its core."""
    targets: list[AbstractAsyncContextManager[Target]] = [
        *(peer(name) for name in (*PEERS, "firehose")),
        *(real(kind, WRITERS) for kind in KINDS),
    ]
    found: dict[str, Speed] = {}
    for one in targets:
        async with one as target:
            found[target.name] = await speed(target, viewers, events, seconds)
    return found


def main() -> None:
    given = sizes(
        __doc__,
        viewers=Size(1000, 20, "viewers of the ticket"),
        events=Size(60, 4, "events in a round, fewer for who would take too long"),
        seconds=Size(12, 0, "after which no round of a server begins: the file has two minutes"),
    )
    found = run(measure(**given))
    ours = {kind: found[f"sportello_{kind}"] for kind in KINDS}
    slower = min(KINDS, key=lambda kind: ours[kind].deliveries_per_s)
    for name in PEERS:
        _compare(name, found[name], slower, ours, given["viewers"])
    fastest = max(
        (one for name, one in found.items() if name != "firehose"),
        key=lambda one: one.deliveries_per_s,
    )
    figure(
        "fanout_generator_headroom",
        found["firehose"].deliveries_per_s / fastest.deliveries_per_s,
        firehose=found["firehose"].raw(),
        fastest=fastest.raw(),
    )


def _compare(peer: str, its: Speed, slower: str, ours: dict[str, Speed], viewers: int) -> None:
    figure(
        f"fanout_vs_{peer.replace('-', '_')}",
        ours[slower].deliveries_per_s / its.deliveries_per_s,
        goal=GOALS[peer],
        cpu_ratio=rounded(ours[slower].deliveries_per_cpu_s / (its.deliveries_per_cpu_s or 1)),
        viewers=viewers,
        slower_database=slower,
        peer=its.raw(),
        **{f"sportello_{kind}": one.raw() for kind, one in ours.items()},
    )


if __name__ == "__main__":
    main()
