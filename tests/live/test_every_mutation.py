"""State before + frames = fresh query, for every mutation of both schemas."""

import pytest

from app.permissions_page import rules
from models.enums import Right
from schema.client import SCHEMA as CLIENT
from schema.core import Schema
from schema.desk import SCHEMA as DESK
from tests.live.assert_live import assert_live
from tests.live.cases import DESK_CASES, Cast, MakeCase
from tests.live.client_cases import CLIENT_CASES
from tests.live.stage import Stage

OF_TICKETS = {Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.TICKETS_DELETE}


def mutations(schema: Schema) -> set[str]:
    """Those that may write in a ticket, or concern who does: not those of the desk itself.

    What administration does to open feeds is tested with each noun, in tests/administration.
    """
    mutation = schema.core.mutation_type
    assert mutation
    of_the_desk = {
        field
        for type_, field, rule in rules()
        if type_ == "Mutation" and rule and not rule.anonymous and rule.scope not in OF_TICKETS
    }
    return set(mutation.fields) - (of_the_desk if schema is DESK else set())


@pytest.mark.parametrize(("schema", "cases"), [(DESK, DESK_CASES), (CLIENT, CLIENT_CASES)])
def test_every_mutation_has_a_case(schema: Schema, cases: dict[str, MakeCase]) -> None:
    """A new mutation wants a case in `cases` or `client_cases`."""
    assert mutations(schema) == {name.split()[0] for name in cases}


@pytest.mark.usefixtures("quick_viewers")
@pytest.mark.parametrize("cases", [DESK_CASES, CLIENT_CASES], ids=["desk", "client"])
async def test_frames_add_up(
    stage: Stage, cases: dict[str, MakeCase], subtests: pytest.Subtests
) -> None:
    cast = await Cast.on(stage)
    for name, make in cases.items():
        with subtests.test(name):
            case = await make(cast)
            got = await assert_live(stage, case.ticket_id, cast.people, case.act)
            assert got["bruno"] == case.bruno
            assert got["sara"] == got["samuel"] == case.contacts
            assert got["carla"] == []
