"""docs/realtime.md says what the code says."""

from app.protocol_page import PAGE, page
from app.transport.close_codes import CloseCode
from tests.app.program import ROOT
from tests.schema.walking import SCHEMAS, fields_of


def test_its_tables_are_those_of_the_code() -> None:
    text = (ROOT / PAGE).read_text()
    assert page(text) == text, "run `make docs`, and commit"


def test_it_has_words_for_every_subscription() -> None:
    """Beyond the tables: how to begin, to go on, and to come back."""
    text = (ROOT / PAGE).read_text()
    for schema in SCHEMAS.values():
        assert schema.subscription_type
        for name in fields_of(schema.subscription_type):
            assert f"`{name}" in text, name


def test_the_example_gives_up_where_the_page_says_so() -> None:
    example = (ROOT / "docs" / "clients" / "feed.py").read_text()
    fatal = {int(one) for one in CloseCode if not one.retried}
    (line,) = [one for one in example.splitlines() if one.startswith("FATAL")]
    named = {int(one) for one in line.partition("{")[2].strip("}").split(",")}
    assert {one for one in named if one > 4000} == fatal
