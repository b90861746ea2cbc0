"""`sportello check`: what is wrong, and how to mend it."""

import asyncio

import pytest

from realtime.reachable import why_unreachable
from tests.app.program import Program, complaint, free_port
from tests.conftest import missing

REDIS = "redis://127.0.0.1:6379"


def test_all_well(desk: Program) -> None:
    done = desk.run("check")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines] == ["ok"] * 6
    assert f"development, serving http://127.0.0.1:{dict(desk.settings)['PORT']}" in lines[0]
    assert lines[2] == "ok     processes: none runs now"
    assert "one process" in lines[3]
    assert not list((desk.folder / "var" / "files").iterdir())


def test_redis(sqlite_desk: Program) -> None:
    if why := asyncio.run(why_unreachable(REDIS)):
        missing(f"no Redis at {REDIS}: {why}")
    done = sqlite_desk.set(redis_url=REDIS).run("check")
    assert done.code == 0
    assert "ok     Redis: reached" in done.out


def test_redis_that_is_not_there(sqlite_desk: Program) -> None:
    done = sqlite_desk.set(redis_url=f"redis://:hidden@127.0.0.1:{free_port()}").run("check")
    assert (done.code, done.err) == (1, "")
    assert "wrong  Redis at 127.0.0.1" in done.out
    assert "SPORTELLO_REDIS_URL" in done.out
    assert "hidden" not in done.out
    assert "ok     files" in done.out


def test_a_database_that_is_not_there(program: Program) -> None:
    url = f"postgres://root:hidden@127.0.0.1:{free_port()}/desk"
    done = program.set(database_url=url).run("check")
    assert (done.code, done.err) == (1, "")
    assert "wrong  database: The database at postgres://root:…@127.0.0.1" in done.out
    assert "SPORTELLO_DATABASE_URL" in done.out
    assert "hidden" not in done.out
    assert "ok     Redis" in done.out


@pytest.mark.parametrize("url", ["a-file/files", "ftp://files"])
def test_files_that_cannot_be_written(sqlite_desk: Program, url: str) -> None:
    (sqlite_desk.folder / "a-file").touch()
    done = sqlite_desk.set(files_url=url).run("check")
    assert (done.code, done.err) == (1, "")
    assert "wrong  files: " in done.out
    assert url in done.out


def test_settings(program: Program) -> None:
    said = complaint(program.set(colour="blue", port="80O0", log_level="loud").run("check"))
    assert "SPORTELLO_COLOUR is no setting." in said
    assert "Known: SPORTELLO_ENV, SPORTELLO_HOST, " in said
    assert "SPORTELLO_PORT is '80O0'" in said
    assert "SPORTELLO_LOG_LEVEL is debug, info, warning or error." in said
