"""Memory: what the server holds for each idle connection, and for each with a subscription.

Counted on top of a hundred that stay open, so that what is taken once is not counted; against a
bare websocket of Starlette, connected in the same way.
"""

import asyncio
from collections.abc import Sequence

from bench.support.crowd import Crowd, together
from bench.support.options import Size, sizes
from bench.support.processes import Process
from bench.support.program import run
from bench.support.report import figure, progress, rounded
from bench.support.sportello import sportello
from bench.support.targets import OPERATORS, WATCH, peer
from bench.support.viewer import Part

GOAL_KIB = 60
WARM = 100
SETTLED_S = 2.0
"""After which a server has forgotten what it needed to open connections."""
NEVER = 2**31
"""No frame is so long: each is read."""


async def held(
    name: str, process: Process, tokens: Sequence[str | None], tickets: list[str], count: int
) -> dict[str, float]:
    """KiB for each connection, acknowledged, and then with a subscription."""
    progress(f"{name}: opening {count} connections")
    crowd = Crowd(process.port, counted_from=NEVER)
    try:
        await crowd.open([Part(tokens[n % len(tokens)]) for n in range(WARM)])
        await _watch(crowd, tickets, 0)
        before = await _settled(process)
        await crowd.open([Part(tokens[n % len(tokens)]) for n in range(count)])
        idle = await _settled(process)
        await _watch(crowd, tickets, WARM)
        subscribed = await _settled(process)
    finally:
        crowd.close()
    return {
        "idle_kib": (idle - before) / count,
        "subscribed_kib": (subscribed - before) / count,
        "server_kib": before,
    }


async def _watch(crowd: Crowd, tickets: list[str], begin: int) -> None:
    """Each from this one on watches one of the tickets."""
    newcomers = crowd.watching[begin:]
    for place, one in enumerate(newcomers):
        ticket = tickets[place % len(tickets)]
        one.subscribe({"query": WATCH, "variables": {"id": ticket}})
    await together([one.live for one in newcomers])


async def _settled(process: Process) -> int:
    await asyncio.sleep(SETTLED_S)
    return process.rss_kib


async def measure(connections: int, tickets: int) -> tuple[dict[str, float], dict[str, float]]:
    """The real server, and the bare websocket."""
    async with sportello("sqlite", OPERATORS) as desk:
        opened = await desk.tickets(tickets)
        ours = await held("sportello", desk.process, desk.tokens, opened, connections)
    async with peer("bare") as target:
        bare = await held("bare", target.process, target.tokens, [target.ticket], connections)
    return ours, bare


def main() -> None:
    given = sizes(
        __doc__,
        connections=Size(2000, 40, "connections"),
        tickets=Size(10, 2, "tickets they watch"),
    )
    ours, bare = run(measure(**given))
    for what in ("idle", "subscribed"):
        figure(
            f"connection_{what}",
            ours[f"{what}_kib"] / (bare[f"{what}_kib"] or 1),
            kib=rounded(ours[f"{what}_kib"]),
            goal_kib=GOAL_KIB if what == "idle" else None,
            bare_kib=rounded(bare[f"{what}_kib"]),
            connections=given["connections"],
            server_kib=ours["server_kib"],
            bare_server_kib=bare["server_kib"],
        )


if __name__ == "__main__":
    main()
