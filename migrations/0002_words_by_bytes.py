"""The search table compares words byte by byte, whatever the database's language.

Prefixes are ranges ("perm" ≤ word < "perm" + U+10FFFF), which a collation of a language would not
keep. SQLite compares bytes anyhow.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops


async def compare_bytes(_apps, editor):
    if editor.DIALECT == "postgres":
        await editor.client.execute_script(
            'ALTER TABLE ticket_word ALTER COLUMN word TYPE varchar(40) COLLATE "C"'
        )


class Migration(migrations.Migration):
    dependencies = [("models", "0001_start")]

    operations = [ops.RunPython(compare_bytes, ops.RunPython.noop)]
