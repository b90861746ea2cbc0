"""The printed schemas are those of the code, and read well."""

from pathlib import Path

import pytest
from graphql import build_schema, validate_schema

from app.commands import printed_schemas
from tests.schema.walking import SCHEMAS, parts

FOLDER = Path(__file__).parents[2] / "schema"


@pytest.mark.parametrize("name", ["desk.graphql", "client.graphql"])
def test_the_committed_sdl_is_the_codes(name: str) -> None:
    assert (FOLDER / name).read_text() == printed_schemas()[name], "run `make schema`"


@pytest.mark.parametrize("name", ["desk", "client"])
def test_the_schemas_are_valid(name: str) -> None:
    assert validate_schema(SCHEMAS[name]) == []
    assert validate_schema(build_schema((FOLDER / f"{name}.graphql").read_text())) == []


@pytest.mark.parametrize("name", ["desk", "client"])
def test_everything_is_described(name: str) -> None:
    assert [where for where, text in parts(SCHEMAS[name]) if not (text or "").strip()] == []
