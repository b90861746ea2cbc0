"""Reconnect storm: all clients lose their line, and come back at once with their cursors.

Each is a few entries behind. Timed until every one has had what it missed, in order, and its
snapshot; against as many bare websocket handshakes at once.
"""

import statistics
import time
from contextlib import AsyncExitStack

from bench.support.crowd import Crowd, together
from bench.support.databases import KINDS
from bench.support.options import Size, sizes
from bench.support.processes import BenchError
from bench.support.program import run
from bench.support.report import figure, progress, rounded
from bench.support.sportello import Desk, sportello
from bench.support.targets import OPERATORS, Target, in_turn, peer
from bench.support.viewer import Part

RESUME = """
subscription Resume($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename
    ... on TicketSnapshot { cursor ticket { id number subject turn updatedAt } }
    ... on EntryAdded {
      cursor
      entry { id number createdAt author { ... on Operator { name } } ... on Post { bodyText } }
    }
  }
}"""
CURSOR = "query ($id: ID!) { ticket(id: $id) { feedCursor lastEntryNumber } }"
WRITERS = 4
NEVER = 2**31
"""No frame is so long: each is read."""


async def storm(desk: Desk, tickets: list[str], clients: int, missed: int) -> float:
    """Seconds until all are live again."""
    stood: list[tuple[str, int]] = []
    async with desk.operator(0) as api:
        for id in tickets:
            found = (await api.run(CURSOR, id=id))["ticket"]
            stood.append((found["feedCursor"], found["lastEntryNumber"]))
    before = await _come(desk, tickets, [None] * len(tickets), clients)
    before.close()
    async with AsyncExitStack() as open_ones:
        apis = [await open_ones.enter_async_context(desk.operator(n)) for n in range(WRITERS)]
        await in_turn(apis, tickets * missed)
    begun = time.perf_counter()
    back = await _come(desk, tickets, [cursor for cursor, _ in stood], clients)
    seconds = time.perf_counter() - begun
    for place, one in enumerate(back.watching):
        number = stood[place % len(tickets)][1]
        wanted = [*range(number + 1, number + missed + 1)]
        if [frame["entry"]["number"] for frame in one.kept if "entry" in frame] != wanted:
            raise BenchError(f"a client did not get what it missed: {one.kept}")
    back.close()
    return seconds


async def _come(
    desk: Desk, tickets: list[str], cursors: list[str] | list[None], clients: int
) -> Crowd:
    """Connect all at once, each subscribing as soon as it is let in."""
    asked = [
        {"query": RESUME, "variables": {"id": id, "after": after}}
        for id, after in zip(tickets, cursors, strict=True)
    ]
    crowd = Crowd(desk.port, counted_from=NEVER)
    parts = [
        Part(
            desk.tokens[n % len(desk.tokens)],
            keeps=True,
            ask=asked[n % len(asked)],
            live_when="TicketSnapshot",
        )
        for n in range(clients)
    ]
    await crowd.open(parts, at_once=clients)
    await together([one.live for one in crowd.watching])
    return crowd


async def handshakes(target: Target, clients: int) -> float:
    """The same of a server that only says yes."""
    crowd = Crowd(target.process.port, counted_from=NEVER)
    begun = time.perf_counter()
    await crowd.open([Part(None)] * clients, at_once=clients)
    seconds = time.perf_counter() - begun
    crowd.close()
    return seconds


async def measure(
    clients: int, tickets: int, missed: int, rounds: int
) -> tuple[dict[str, list[float]], list[float]]:
    """Storms on both databases, and bare ones; one more of each than counts."""
    ours: dict[str, list[float]] = {}
    for kind in KINDS:
        async with sportello(kind, OPERATORS) as desk:
            progress(f"sportello_{kind}: {tickets} tickets, then {rounds + 1} storms")
            opened = await desk.tickets(tickets)
            ours[kind] = [await storm(desk, opened, clients, missed) for _ in range(rounds + 1)]
            progress(f"sportello_{kind}: {ours[kind][-1]:.2f} s")
    async with peer("bare") as target:
        bare = [await handshakes(target, clients) for _ in range(rounds + 1)]
    return ours, bare


def main() -> None:
    given = sizes(
        __doc__,
        clients=Size(1000, 20, "clients"),
        tickets=Size(50, 3, "tickets they watch"),
        missed=Size(4, 2, "entries each of them missed"),
        rounds=Size(2, 1, "storms, after one that does not count"),
    )
    ours, bare = run(measure(**given))
    handshake_s = statistics.median(bare[1:])
    medians = {kind: statistics.median(seconds[1:]) for kind, seconds in ours.items()}
    slower = max(medians, key=lambda kind: medians[kind])
    figure(
        "reconnect_vs_handshakes",
        medians[slower] / handshake_s,
        slower_database=slower,
        bare_s=rounded(handshake_s),
        **{f"{kind}_s": rounded(seconds) for kind, seconds in medians.items()},
        **{f"{kind}_clients_per_s": rounded(given["clients"] / s) for kind, s in medians.items()},
        **given,
    )


if __name__ == "__main__":
    main()
