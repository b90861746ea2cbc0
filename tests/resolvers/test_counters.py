"""How many tickets wait for whom; "today" began at the viewer's midnight."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from models.counting import midnight
from models.enums import Turn
from models.people import Operator
from models.tickets import Ticket
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.support.site import Client, Site

COUNTERS = """
query ($filter: TicketFilter) {
  ticketCounters(filter: $filter) {
    new operatorTurn contactTurn closedToday
    byDepartment { department { name } new operatorTurn contactTurn closedToday }
  }
}"""
NAMES = ("new", "operatorTurn", "contactTurn", "closedToday")


async def counts(by: Client, **variables: Any) -> dict[str | None, tuple[int, ...]]:
    """By the department's name; of all under None."""
    found = (await by.run(COUNTERS, **variables))["ticketCounters"]
    named = {one["department"]["name"]: one for one in found["byDepartment"]}
    return {name: tuple(one[key] for key in NAMES) for name, one in {None: found, **named}.items()}


def closed(at: datetime, **columns: Any) -> Ticket:
    return ticket(turn=Turn.CLOSED, closed_at=at, **columns)


def midnight_in(zone: str) -> datetime:
    here = datetime.now(ZoneInfo(zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


async def test_of_all_and_of_each_department(site: Site) -> None:
    admin, carla = await site.sign_in("admin"), await site.sign_in("carla")
    fiscale, patronato = [await id_of("Department", n) for n in ("Fiscale", "Patronato")]
    await saved(
        ticket(),
        ticket(last_operator_reply_at=NOON),
        ticket(turn=Turn.CONTACT),
        ticket(department_id=fiscale),
        ticket(department_id=fiscale, turn=Turn.CONTACT),
        ticket(department_id=patronato, last_operator_reply_at=NOON),
        closed(NOON, department_id=patronato),
        ticket(deleted_at=NOON),
    )
    assert await counts(admin) == {
        None: (2, 4, 2, 0),
        "Fiscale": (1, 1, 1, 0),
        "Patronato": (0, 1, 0, 0),
    }
    assert await counts(carla) == {None: (1, 3, 1, 0), "Patronato": (0, 1, 0, 0)}
    only = {"departmentId": [await gid_of("Department", "Fiscale")], "turn": ["CONTACT"]}
    assert await counts(admin, filter=only) == {None: (0, 0, 1, 0), "Fiscale": (0, 0, 1, 0)}
    assert await counts(admin, filter={"search": "nothing"}) == {None: (0, 0, 0, 0)}


async def test_closed_today_is_since_the_viewers_midnight(site: Site) -> None:
    anna, bruno = await site.sign_in("anna"), await site.sign_in("bruno")
    await Operator.filter(name="Bruno").update(time_zone="Pacific/Kiritimati")
    while True:
        rome, far = midnight_in("Europe/Rome"), midnight_in("Pacific/Kiritimati")
        await Ticket.all().delete()
        instant = timedelta(microseconds=1)
        await saved(closed(rome), closed(rome - instant), closed(far), closed(far - instant))
        came = [(await counts(by))[None][3] for by in (anna, bruno)]
        if (rome, far) == (midnight_in("Europe/Rome"), midnight_in("Pacific/Kiritimati")):
            break
    ends = [rome, rome - instant, far, far - instant]
    assert came == [sum(at >= begun for at in ends) for begun in (rome, far)]


def test_midnight_over_the_change_of_clocks() -> None:
    for now, begun in {
        "2026-01-31T12:00Z": "2026-01-30T23:00Z",
        "2026-03-29T12:00Z": "2026-03-28T23:00Z",
        "2026-10-25T12:00Z": "2026-10-24T22:00Z",
        "2026-06-30T21:59Z": "2026-06-29T22:00Z",
        "2026-06-30T22:00Z": "2026-06-30T22:00Z",
    }.items():
        at = midnight(datetime.fromisoformat(now), "Europe/Rome")
        assert at == datetime.fromisoformat(begun)
        assert at.tzinfo is UTC
