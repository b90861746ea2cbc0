"""`sportello create-admin`: the first operator of a desk without demo data."""

import pytest

from actions.passwords import verify
from models.desk import Desk
from models.enums import Right
from models.hierarchy import Profile, Role
from models.people import Operator
from tests.app.program import Program, complaint, within

PASSWORD = "una frase lunga"


async def _operators() -> list[Operator]:
    return await Operator.all().order_by("id")


def test_an_administrator(desk: Program, database_url: str) -> None:
    before = within(database_url, _operators)

    async def version() -> int:
        return (await Desk.get(id=1)).rights_version

    rights = within(database_url, version)
    done = desk.run(
        "create-admin", "Elena@Demo.test", "--name", "Elena Bassi", given=f"{PASSWORD}\n"
    )
    assert (done.code, done.err) == (0, "")
    assert "elena@demo.test may now sign in" in done.out

    async def look() -> None:
        elena = await Operator.get(email="elena@demo.test")
        profile = await Profile.get(id=(await Role.get(id=elena.role_id)).profile_id)
        assert elena.name == "Elena Bassi"
        assert Right.ADMINISTER in profile.grants()
        assert await verify(PASSWORD, elena.password_hash)

    within(database_url, look)
    assert len(within(database_url, _operators)) == len(before) + 1
    assert within(database_url, version) > rights


def test_the_first_of_an_empty_desk(program: Program, empty_url: str) -> None:
    desk = program.set(database_url=empty_url)
    assert desk.run("migrate").code == 0
    done = desk.run("create-admin", "elena@demo.test", given=PASSWORD)
    assert (done.code, done.err) == (0, "")
    assert [one.name for one in within(empty_url, _operators)] == ["Administrator"]


@pytest.mark.parametrize(
    ("arguments", "password", "says"),
    [
        pytest.param(["elena@demo.test"], "undici lett", "12 characters or more", id="short"),
        pytest.param(["elena@demo.test"], "", "12 characters or more", id="none"),
        pytest.param(["elena@demo.test"], "123456789abc", "easily guessed", id="common"),
        pytest.param(["elena@demo.test"], "Elena@demo.test", "easily guessed", id="the address"),
        pytest.param(["ANNA@demo.test"], PASSWORD, "anna@demo.test exists already", id="taken"),
        pytest.param(["elena"], PASSWORD, "an email address", id="no address"),
        pytest.param(
            ["elena@demo.test", "--name", " "], PASSWORD, "1 to 200 characters", id="no name"
        ),
        pytest.param(
            ["elena@demo.test", "--name", "e" * 201], PASSWORD, "1 to 200", id="a long name"
        ),
    ],
)
def test_refused(sqlite_desk: Program, arguments: list[str], password: str, says: str) -> None:
    url = dict(sqlite_desk.settings)["DATABASE_URL"]
    before = len(within(url, _operators))
    assert says in complaint(sqlite_desk.run("create-admin", *arguments, given=password))
    assert len(within(url, _operators)) == before
