"""Runs every bench of this folder, one after the other: `python -m bench [--smoke]`.

A bench is a module here that can be run. It prints its figures as lines of JSON on standard output
and all else on standard error, and takes `--smoke` (`bench.support.options` does). `growth` is
large and has a target of its own.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from bench.support.processes import environment, python
from bench.support.program import done
from bench.support.report import progress

APART = frozenset({"growth"})
"""Not run with the others, but for a smoke test."""
RUNS = 'if __name__ == "__main__":'
TINY = ("--smoke", "bench.support.options")
HANG_S = 600


def benches(*, smoke: bool) -> list[str]:
    """Their names; of those that know no tiny sizes a smoke test knows nothing."""
    texts = {one.stem: one.read_text() for one in sorted(Path(__file__).parent.glob("*.py"))}
    runnable = [name for name, text in texts.items() if name[0] != "_" and RUNS in text]
    if smoke:
        return [name for name in runnable if any(one in texts[name] for one in TINY)]
    return [name for name in runnable if name not in APART]


async def bench(name: str, turn: asyncio.Semaphore, *, smoke: bool) -> int:
    """Run one to its end when it is its turn; its exit code."""
    async with turn:
        progress(f"== {name}")
        more = ["--smoke"] if smoke else []
        process = await asyncio.create_subprocess_exec(
            *python(f"bench.{name}", *more), env=environment()
        )
        try:
            async with asyncio.timeout(HANG_S):
                code = await process.wait()
        except TimeoutError:
            code = 1
        finally:
            # It has servers and databases to put away.
            if process.returncode is None:
                process.terminate()
                await process.wait()
    if code:
        progress(f"== {name}: FAILED")
    return code


async def all_of(names: list[str], *, smoke: bool) -> bool:
    """Whether all ran; nothing is measured in a smoke test, so that two may go side by side."""
    turn = asyncio.Semaphore(2 if smoke else 1)
    return not any(await asyncio.gather(*(bench(one, turn, smoke=smoke) for one in names)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: shows that all run")
    smoke: bool = parser.parse_args().smoke
    sys.exit(0 if done(all_of(benches(smoke=smoke), smoke=smoke)) else 1)


if __name__ == "__main__":
    main()
