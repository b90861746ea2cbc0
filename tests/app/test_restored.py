"""`sportello restored`: cursors and remembered rights of before are worth nothing after."""

from models.desk import Desk
from tests.app.program import Program, within


async def _desk() -> Desk:
    return await Desk.get(id=1)


def test_epoch_and_rights_move(desk: Program, database_url: str) -> None:
    before = within(database_url, _desk)
    done = desk.run("restored")
    assert (done.code, done.err) == (0, "")
    assert "a new epoch has begun" in done.out
    after = within(database_url, _desk)
    assert after.epoch != before.epoch
    assert after.rights_version != before.rights_version
    assert after.lock_lease_s == before.lock_lease_s
