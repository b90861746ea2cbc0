"""States are shared by migrations that look forward alone; a state is copied for all others."""

import pytest
from tortoise import fields
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddField, Operation, RemoveField
from tortoise.migrations.schema_generator.state import State

from app.migrating import states_shared

ADDED = AddField(model_name="Ticket", name="x", field=fields.IntField(null=True))
REMOVED = RemoveField(model_name="Ticket", name="x")


@pytest.mark.parametrize(
    ("operations", "shared"), [([ADDED], True), ([ADDED, REMOVED], False), ([], True)]
)
def test_when_states_are_shared(operations: list[Operation], shared: bool) -> None:
    migration = Migration("some", "models")
    migration.operations = operations
    copied = State.clone
    with states_shared([migration]):
        assert (State.clone is not copied) is shared
    assert State.clone is copied
