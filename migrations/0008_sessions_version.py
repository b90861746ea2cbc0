"""Feeds read with every row whether a session has been ended since."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


async def first_row(apps, _editor):
    await apps.get_model("models.SessionsVersion").create(id=1, version=0)


class Migration(migrations.Migration):
    dependencies = [("models", "0007_written_at")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SessionsVersion",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("version", fields.BigIntField(default=0)),
            ],
            options={
                "table": "sessions_version",
                "app": "models",
                "pk_attr": "id",
                "table_description": (
                    "One row that moves with every session or token that is ended: "
                    "feeds read it with tickets."
                ),
            },
            bases=["Model"],
        ),
        ops.RunPython(first_row, ops.RunPython.noop),
    ]
