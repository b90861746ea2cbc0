"""`sportello schema`, and the two files of the repository that it writes."""

from app.commands import printed_schemas
from tests.app.program import ROOT, Program

NAMES = {"desk.graphql", "client.graphql"}


def test_into_a_folder_of_its_own(program: Program) -> None:
    done = program.run("schema")
    assert (done.code, done.err) == (0, "")
    written = {one.name: one.read_text() for one in (program.folder / "schema").iterdir()}
    assert written == printed_schemas()
    assert written.keys() == NAMES
    assert all(f"wrote schema/{name}" in done.out for name in NAMES)


def test_the_committed_ones_are_those_of_the_code() -> None:
    for name, text in printed_schemas().items():
        committed = (ROOT / "schema" / name).read_text()
        assert committed == text, f"schema/{name} differs from the code: run `make schema`"
