"""`sportello demo`: into an empty desk, never in production."""

from models.people import Operator
from models.tickets import Ticket
from tests.app.program import KEY, Program, complaint, within


async def _counts() -> tuple[int, int]:
    return await Operator.all().count(), await Ticket.all().count()


def test_once(program: Program) -> None:
    url = f"sqlite://{program.folder}/desk.sqlite3"
    desk = program.set(database_url=url)
    assert desk.run("migrate").code == 0
    said = complaint(desk.set(env="production", secret_key=KEY).run("demo"))
    assert "refused in production" in said
    assert within(url, _counts) == (0, 0)
    done = desk.run("demo")
    assert (done.code, done.err) == (0, "")
    operators, tickets = within(url, _counts)
    assert operators == 5
    assert f"loading demo data: {tickets} of {tickets} tickets\n" in done.out
    assert "\r" not in done.out
    assert "has operators already" in complaint(desk.run("demo"))
    assert within(url, _counts) == (operators, tickets)
