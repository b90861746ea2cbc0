"""What the log never says."""

import logging

import pytest
import structlog

from app.logs import configure
from app.settings import Settings


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_shows_no_variables(
    form: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = structlog.get_config()
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    secret = "-".join(["demo"] * 3)
    configure(Settings(log_format=form))
    try:
        _fail(secret)
    except RuntimeError:
        structlog.get_logger().exception("failed")
    finally:
        structlog.configure(**before)
    said = capsys.readouterr().err
    assert "RuntimeError: it broke" in said
    assert secret not in said


def _fail(password: str) -> None:
    if password:
        raise RuntimeError("it broke")
