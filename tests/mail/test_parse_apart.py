"""Parsing in a process that is ended when it takes too long or dies."""

from collections.abc import Iterator

import pytest

from mail import parse as parsing
from mail.parse import parse, parse_apart
from mail.parsing.apart import CHILD, Parser
from tests.mail.mails import check, mail

ONCE = "import sys; sys.stdin.buffer.read(8); "


@pytest.fixture
def parser() -> Iterator[Parser]:
    parser = Parser()
    yield parser
    parser.close()


async def test_the_same_message_comes_back(parser: Parser) -> None:
    for raw in (mail("Hi", subject="x"), b"", mail("x" * 3_000_000), mail("Hi again")):
        assert await parse_apart(raw, parser) == parse(raw)


async def test_what_takes_too_long_is_ended(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "LIMIT_S", 0.3)
    slow = Parser("import time; time.sleep(600)")
    message = await parse_apart(mail("Hi", subject="Slow", message_id="<a@b>"), slow)
    check(message)
    assert slow._process is None
    assert message.defects[0] == "took too long"
    assert (message.subject, message.message_id) == ("Slow", "a@b")
    assert message.sender.address == "max@x.example"
    assert message.notes == ("the mail could not be read; see the original",)
    # Too large for the pipe of who does not read: no hanging either.
    assert "took too long" in (await parse_apart(mail("x" * 1_000_000), slow)).defects


@pytest.mark.parametrize("child", [ONCE + "sys.exit(1)", ONCE + "import os; os.abort()"])
async def test_who_dies_is_followed_by_another(child: str) -> None:
    parser = Parser(child)
    for _ in range(2):
        message = await parse_apart(mail("Hi"), parser)
        assert message.defects == ("could not be parsed: Died",)
    parser._child = CHILD
    assert (await parse_apart(mail("Hi"), parser)).text == "Hi"
    parser.close()
