"""Applying migrations without what Tortoise does for each operation and none of ours needs."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager

from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import (
    AddField,
    AddIndex,
    AlterModelOptions,
    CreateModel,
    RunPython,
)
from tortoise.migrations.schema_generator.state import State

FORWARD = (AddField, AddIndex, AlterModelOptions, CreateModel, RunPython)
"""Operations that look at how things are after them, and not at how they were."""


@contextmanager
def states_shared(migrations: Iterable[Migration]) -> Generator[None]:
    """Within the block no state is copied, if no operation asks for the one before it.

    Tortoise keeps the state before each operation by building all models once more: two thirds of
    the time that an empty database takes.
    """
    operations = [one for each in migrations for one in each.operations]
    clone = State.clone
    if all(type(one) in FORWARD for one in operations):
        State.clone = lambda self: self
    try:
        yield
    finally:
        State.clone = clone
