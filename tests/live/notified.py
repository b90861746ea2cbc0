"""What an operator knows of their notifications: a list and a count, moved on by frames alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from actions.events import Notified
from actions.unit_of_work import record, unit_of_work
from models.enums import NotificationKind
from models.notifications import Notification
from models.people import Operator
from tests.live.stage import Person, Stage, arrived, eventually, number_of
from tests.support.live import Feed

FRAGMENT = """fragment N on Notification { id kind createdAt entryNumber ticket { id number } }"""
FRESH = (
    f"""{{ notifications(first: 100) {{ unreadCount edges {{ node {{ ...N }} }} }} }} {FRAGMENT}"""
)
ADDED = f"""
subscription ($after: ID) {{ notificationAdded(after: $after) {{ ...N }} }} {FRAGMENT}"""
COUNTERS = "subscription { notificationCountersChanged { unread } }"
Row = dict[str, Any]


@dataclass
class Screen:
    """One tab's list, the newest first, and its count."""

    person: Person
    added: Feed
    counters: Feed
    rows: list[Row]
    unread: int | None = None
    came: list[Row] = field(default_factory=list[Row])

    def take(self) -> list[str]:
        """Apply the frames that are here; the kinds that came."""
        came = arrived(self.added)
        for row in came:
            assert row["id"] not in [one["id"] for one in self.rows], "one twice"
            assert row["ticket"] is not None
            self.rows.insert(0, row)
        for frame in arrived(self.counters):
            assert frame["unread"] != self.unread, "nothing new"
            self.unread = frame["unread"]
        self.came += came
        return [one["kind"] for one in came]


async def fresh(person: Person) -> tuple[list[Row], int]:
    """What a query says."""
    page = (await person.client.run(FRESH))["notifications"]
    return [edge["node"] for edge in page["edges"]], page["unreadCount"]


async def screens(stage: Stage, *people: Person, after: str | None = None) -> list[Screen]:
    """Everybody has their notifications open."""
    opened: list[Screen] = []
    before = listening(stage)
    for person in people:
        added = await person.connection.subscribe(ADDED, after=after)
        counters = await person.connection.subscribe(COUNTERS)
        opened.append(Screen(person, added, counters, []))
    await eventually(lambda: listening(stage) == before + 2 * len(people))
    await stage.settled()
    for one in opened:
        one.rows = (await fresh(one.person))[0] if after is None else []
        one.take()
    return opened


def listening(stage: Stage) -> int:
    """How many feeds are in force, and have told what there was."""
    listeners = [one for some in stage.live.notices._listeners.values() for one in some]
    return len([one for one in listeners if one.heard or one.unread])


async def assert_told(
    stage: Stage, shown: list[Screen], act: Callable[[], Awaitable[Any]]
) -> dict[str, list[str]]:
    """State before + frames = fresh query, for everybody; the kinds that came, by name."""
    await act()
    await stage.settled()
    came: dict[str, list[str]] = {}
    for one in shown:
        kinds = one.take()
        if kinds:
            came[one.person.name] = kinds
        assert (one.rows, one.unread) == await fresh(one.person), one.person.name
    return came


async def operator_id(name: str) -> int:
    return (await Operator.get(email=f"{name}@demo.test")).id


async def written(name: str, ticket_id: str, *ids: int, **columns: Any) -> None:
    """Notifications with these ids, committed now; a later one may have a lower id."""
    whose = await operator_id(name)

    async def do() -> None:
        for id in ids:
            await Notification.create(
                id=id,
                operator_id=whose,
                kind=NotificationKind.ASSIGNED,
                ticket_id=number_of(ticket_id),
                entry_number=id,
                **columns,
            )
        record(Notified(whose))

    await unit_of_work(do)


async def company(stage: Stage, *names: str) -> list[Person]:
    """Some people at their screens."""
    return [await stage.person(name) for name in names]
