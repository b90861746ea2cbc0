"""State before + frames = fresh query, for every mutation of both schemas."""

import pytest

from schema.client import SCHEMA as CLIENT
from schema.core import Schema
from schema.desk import SCHEMA as DESK
from tests.live.administration_cases import ADMINISTRATION_CASES
from tests.live.assert_live import assert_live
from tests.live.cases import DESK_CASES, Cast, MakeCase
from tests.live.client_cases import CLIENT_CASES
from tests.live.stage import Stage

DESK_ALL = DESK_CASES | ADMINISTRATION_CASES


@pytest.mark.parametrize(("schema", "cases"), [(DESK, DESK_ALL), (CLIENT, CLIENT_CASES)])
def test_every_mutation_has_a_case(schema: Schema, cases: dict[str, MakeCase]) -> None:
    """A new mutation wants a case in `cases`, `administration_cases` or `client_cases`."""
    mutation = schema.core.mutation_type
    assert mutation
    assert set(mutation.fields) == {name.split()[0] for name in cases}


@pytest.mark.property
@pytest.mark.usefixtures("quick_viewers")
@pytest.mark.parametrize(
    "cases",
    [DESK_CASES, ADMINISTRATION_CASES, CLIENT_CASES],
    ids=["desk", "administration", "client"],
)
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
