"""The commands of README.md do what it says, on the desk that `make run` starts."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from tests.app.program import HANG_S, ROOT, Program, Running, free_port
from tests.conftest import missing

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@pytest.fixture
def blocks() -> list[str]:
    """The shell commands of the page."""
    if not all(map(shutil.which, ("bash", "curl", "sed", "tee"))):
        missing("no bash, curl, sed or tee")
    return BLOCK.findall((ROOT / "README.md").read_text())


def test_first_query_and_first_subscription(program: Program, blocks: list[str]) -> None:
    port = free_port()
    here = [
        block.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(
            ".venv/bin/python", sys.executable
        )
        for block in blocks
    ]
    query, subscription, reply = here
    with program.set(port=port).started("serve", "--development") as server:
        server.says("Ctrl+C ends it.")
        asked = _shell(program, query)
        assert '"totalCount"' in asked
        assert '"errors"' not in asked
        watching = program.folder / "watching"
        watching.mkdir()
        with (watching / "out.txt").open("wb") as out, (watching / "err.txt").open("wb") as err:
            process = subprocess.Popen(
                ["bash", "-c", f"{query} >/dev/null; exec bash -c '{_quoted(subscription)}'"],
                cwd=program.folder,
                env=program.environment,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        watcher = Running(process, watching)
        try:
            watcher.says("TicketSnapshot")
            assert '"TicketReplied"' in _shell(program, f"{query}{reply}")
            watcher.says("OperatorReply")
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _quoted(text: str) -> str:
    return text.replace("'", "'\\''")


def _shell(program: Program, commands: str) -> str:
    done = subprocess.run(
        ["bash", "-c", commands],
        cwd=program.folder,
        env=program.environment,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode == 0, done
    return done.stdout
