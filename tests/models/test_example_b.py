"""Worked example B: departments, categories, levels."""

import pytest

from models import rows
from models.desk import Category, Department
from models.enums import Level
from models.people import Operator
from models.sights import sight_of
from tests.models.tickets import saved, ticket

FOUR = ("anna", "bruno", "carla", "dino")


@pytest.mark.parametrize(
    ("level", "assignee", "seeing"),
    [
        (Level.BASE, None, {"anna", "bruno"}),
        (Level.ADVANCED, None, {"bruno"}),
        (Level.BASE, "dino", {"anna", "bruno", "dino"}),
        (Level.ADVANCED, "dino", {"bruno", "dino"}),
        # A grant is still needed: Carla's own ticket, in a category that is not hers.
        (Level.BASE, "carla", {"anna", "bruno"}),
    ],
)
async def test_the_table(
    database: None, level: Level, assignee: str | None, seeing: set[str]
) -> None:
    people = {name: await Operator.get(email=f"{name}@demo.test") for name in FOUR}
    one = ticket(
        category_id=(await Category.get(name="Rinnovo permesso")).id,
        department_id=(await Department.get(name="Immigrazione")).id,
        level=level,
        assignee_operator_id=people[assignee].id if assignee else None,
    )
    await saved(one)
    for name, operator in people.items():
        sight = await sight_of(operator.id)
        assert sight.sees(one) is (name in seeing), name
        found = await rows.ticket(sight.condition(), one.id)
        assert (found is not None) is (name in seeing), name
