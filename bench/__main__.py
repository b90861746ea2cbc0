"""Runs every bench of this folder, one after the other: `python -m bench [--smoke]`.

A bench is a module here that can be run. It prints its figures as lines of JSON on standard output
and all else on standard error, and takes `--smoke` (`bench.support.options` does). `growth` is
large and has a target of its own.
"""

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.support.processes import environment, python
from bench.support.report import progress

APART = frozenset({"growth"})
"""Not run with the others, but for a smoke test."""
RUNS = 'if __name__ == "__main__":'
TINY = ("--smoke", "bench.support.options")
HANG_S = {False: 600, True: 300}


def benches(*, smoke: bool) -> list[str]:
    """Their names; of those that know no tiny sizes a smoke test knows nothing."""
    texts = {one.stem: one.read_text() for one in sorted(Path(__file__).parent.glob("*.py"))}
    runnable = [name for name, text in texts.items() if name[0] != "_" and RUNS in text]
    if smoke:
        return [name for name in runnable if any(one in texts[name] for one in TINY)]
    return [name for name in runnable if name not in APART]


def run(name: str, *, smoke: bool) -> int:
    """Run one to its end; its exit code."""
    progress(f"== {name}")
    command = [*python(f"bench.{name}"), *(["--smoke"] if smoke else [])]
    try:
        code = subprocess.run(
            command, env=environment(), timeout=HANG_S[smoke], check=False
        ).returncode
    except subprocess.TimeoutExpired:
        code = 1
    if code:
        progress(f"== {name}: FAILED")
    return code


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes: shows that all run")
    smoke: bool = parser.parse_args().smoke
    # Nothing is measured in a smoke test, so that two may run side by side.
    with ThreadPoolExecutor(2 if smoke else 1) as pool:
        codes = list(pool.map(partial(run, smoke=smoke), benches(smoke=smoke)))
    sys.exit(int(any(codes)))


if __name__ == "__main__":
    main()
