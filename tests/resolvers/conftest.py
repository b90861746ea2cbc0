"""Whatever a caller does wrong, the log stays free of errors and tracebacks."""

from collections.abc import AsyncGenerator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.settings import Settings
from tests.support import databases
from tests.support.site import Site, serving

BAD_LEVELS = {"warning", "error", "critical", "exception"}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged; errors and tracebacks in it fail the test."""
    with capture_logs() as lines:
        yield lines
    bad = [one for one in lines if one["log_level"] in BAD_LEVELS or "exc_info" in one]
    assert bad == []
    assert [
        one.getMessage() for one in caplog.records if one.levelname in ("WARNING", "ERROR")
    ] == []


@pytest.fixture
async def sqlite_site(sqlite_example: Path, tmp_path: Path) -> AsyncGenerator[Site]:
    """A running desk for requests that never come to a database."""
    databases.forget_dialect()
    url = databases.copied(sqlite_example, tmp_path / "test.sqlite3")
    async with serving(Settings(database_url=url, files_url=str(tmp_path / "files"))) as running:
        await databases.freshen()
        yield running
