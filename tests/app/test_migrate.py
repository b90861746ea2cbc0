"""`sportello migrate`, and what every command says of a database that is behind or ahead."""

import pytest

from models.desk import Desk
from models.sql import connection
from tests.app.program import KEY, Program, complaint, within

FUTURE = "9999_future"


async def _desk() -> Desk:
    return await Desk.get(id=1)


async def _from_the_future() -> None:
    await connection().execute_query(
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        f"VALUES ('models', '{FUTURE}', '2030-01-01')"
    )


def test_twice(program: Program, empty_url: str) -> None:
    desk = program.set(database_url=empty_url)
    first = desk.run("migrate")
    assert (first.code, first.err) == (0, "")
    assert "applied 0001_start" in first.out
    row = within(empty_url, _desk)
    assert row.epoch
    second = desk.run("migrate")
    assert (second.code, second.err) == (0, "")
    assert second.out == "the database is up to date\n"
    assert within(empty_url, _desk).epoch == row.epoch
    assert "ok     database" in desk.run("check").out


@pytest.mark.parametrize("command", ["serve", "worker", "demo", "restored"])
def test_behind(program: Program, command: str) -> None:
    said = complaint(program.run(command))
    assert "lacks 0001_start" in said
    assert "`sportello migrate`" in said


def test_behind_says_check(program: Program) -> None:
    done = program.run("check")
    assert (done.code, done.err) == (1, "")
    assert "wrong  database: The database lacks 0001_start" in done.out
    assert "`sportello migrate`" in done.out


def test_ahead(desk: Program, database_url: str) -> None:
    within(database_url, _from_the_future)
    for command in (("serve",), ("serve", "--development"), ("migrate",)):
        said = complaint(desk.run(*command))
        assert f"has {FUTURE}, which this version does not know" in said
        assert "a later one" in said
    checked = desk.run("check")
    assert checked.code == 1
    assert f"wrong  database: The database has {FUTURE}" in checked.out


@pytest.mark.parametrize("command", ["migrate", "serve", "worker"])
def test_a_folder_that_cannot_be(program: Program, command: str) -> None:
    (program.folder / "var").write_text("a file")
    said = complaint(program.set(files_url="files", secret_key=KEY).run(command))
    assert "sqlite://var/sportello.sqlite3 cannot be reached" in said
