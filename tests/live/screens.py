"""Ticket lists on screens: what was queried, moved on by frames alone, is what a query says."""

from dataclasses import dataclass, field
from typing import Any

from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed
from tests.support.site import Client

Frame = dict[str, Any]
Filter = dict[str, Any]

ROW = """
fragment T on Ticket {
  id number subject turn level priority tags updatedAt lastEntryNumber
  contact { id } category { id } department { id } assignee { ... on Node { id } }
}"""
FULL = """
fragment T on Ticket {
  id number subject turn level priority tags updatedAt lastEntryNumber lastPostExcerpt
  contact { id name } category { id name } department { id } assignee { ... on Node { id } }
  unread allowedActions draft { body } lock { operator { id } }
}"""
FEED = """
subscription ($filter: TicketFilter) {
  ticketListEvents(filter: $filter) {
    __typename
    ... on TicketListReady { at }
    ... on TicketEntered { ticket { ...T } }
    ... on TicketUpdated { ticket { ...T } }
    ... on TicketLeft { ticketId }
    ... on TicketListReset { reason }
  }
}"""
LIST = """
query ($filter: TicketFilter) {
  tickets(filter: $filter, first: 100) { totalCount edges { node { ...T } } }
}"""
COUNTS = """new operatorTurn contactTurn closedToday
  byDepartment { department { name } new operatorTurn contactTurn closedToday }"""
COUNTERS_FEED = f"""
subscription ($filter: TicketFilter) {{ ticketCountersChanged(filter: $filter) {{ {COUNTS} }} }}"""
COUNTERS = f"query ($filter: TicketFilter) {{ ticketCounters(filter: $filter) {{ {COUNTS} }} }}"
MINE = """id number subject turn updatedAt closedAt category { name } messages { totalCount }
  rating { positive comment changeableUntil }"""
MINE_FEED = f"subscription {{ ticketChanged {{ {MINE} }} }}"
MY_LIST = f"{{ tickets(first: 100) {{ edges {{ node {{ {MINE} }} }} }} }}"


@dataclass
class Screen:
    """Something somebody looks at."""

    person: Person
    feed: Feed = field(init=False)
    reader: Client = field(init=False)
    """Another session of theirs, for queries."""
    frames: list[Frame] = field(default_factory=list[Frame], init=False)

    def __post_init__(self) -> None:
        self.reader = self.person.client

    async def open(self) -> None:
        """Subscribe, and query."""
        raise NotImplementedError

    async def take(self) -> None:
        """Apply the frames since the last look."""
        raise NotImplementedError

    async def compare(self) -> None:
        """The screen is what a query says."""
        raise NotImplementedError


@dataclass
class ListScreen(Screen):
    """One filtered list of one operator."""

    filter: Filter
    fragment: str = ROW
    rows: dict[str, Any] = field(default_factory=dict[str, Any], init=False)
    before: set[str] = field(default_factory=set[str], init=False)

    @property
    def types(self) -> list[str]:
        return [frame["__typename"] for frame in self.frames]

    async def open(self) -> None:
        feed = await self.person.connection.subscribe(FEED + self.fragment, filter=self.filter)
        await eventually(lambda: begun(feed))
        assert [one["__typename"] for one in arrived(feed)] == ["TicketListReady"]
        self.feed = feed
        self.rows = await self.fresh()

    async def fresh(self) -> dict[str, Any]:
        found = await self.reader.run(LIST + self.fragment, filter=self.filter)
        page = found["tickets"]
        assert page["totalCount"] == len(page["edges"])
        return {edge["node"]["id"]: edge["node"] for edge in page["edges"]}

    async def take(self) -> None:
        self.frames, self.before = arrived(self.feed), set(self.rows)
        for frame in self.frames:
            await self._apply(frame)

    async def compare(self) -> None:
        """And since one thing happened, every ticket named is in sight, or was."""
        fresh = await self.fresh()
        what = f"{self.person.name} {self.filter} got {self.types}"
        assert self.rows == fresh, what
        named = {one["ticket"]["id"] for one in self.frames if "ticket" in one}
        assert named <= set(fresh), f"{what}: of a ticket not in sight"
        left = {one["ticketId"] for one in self.frames if "ticketId" in one}
        assert left <= self.before, f"{what}: of a ticket never in sight"

    async def _apply(self, frame: Frame) -> None:
        match frame["__typename"]:
            case "TicketEntered" | "TicketUpdated":
                self.rows[frame["ticket"]["id"]] = frame["ticket"]
            case "TicketLeft":
                self.rows.pop(frame["ticketId"], None)
            case "TicketListReset":
                self.rows = await self.fresh()
            case other:
                raise AssertionError(other)


@dataclass
class CountersScreen(Screen):
    """One filtered set of counters of one operator."""

    filter: Filter
    now: Frame = field(default_factory=dict[str, Any], init=False)

    async def open(self) -> None:
        self.feed = await self.person.connection.subscribe(COUNTERS_FEED, filter=self.filter)
        self.now = await self.feed.next()
        assert self.now == await self.fresh()

    async def fresh(self) -> Frame:
        return (await self.reader.run(COUNTERS, filter=self.filter))["ticketCounters"]

    async def take(self) -> None:
        self.frames = arrived(self.feed)
        for frame in self.frames:
            assert frame != self.now, "nothing changed"
            self.now = frame

    async def compare(self) -> None:
        assert self.now == await self.fresh(), f"{self.person.name} {self.filter}"


@dataclass
class MyScreen(Screen):
    """The tickets of one contact."""

    rows: dict[str, Any] = field(default_factory=dict[str, Any], init=False)

    async def open(self) -> None:
        self.feed = await self.person.connection.subscribe(MINE_FEED)
        self.rows = await self.fresh()

    async def fresh(self) -> dict[str, Any]:
        edges = (await self.reader.run(MY_LIST))["tickets"]["edges"]
        return {edge["node"]["id"]: edge["node"] for edge in edges}

    async def take(self) -> None:
        self.frames = arrived(self.feed)
        for frame in self.frames:
            assert self.rows.get(frame["id"]) != frame, "nothing they can see changed"
            self.rows[frame["id"]] = frame

    async def compare(self) -> None:
        """Tickets that went are not told of; those that are there are as a query says."""
        fresh = await self.fresh()
        assert {one["id"] for one in self.frames} <= set(fresh)
        self.rows = {id: row for id, row in self.rows.items() if id in fresh}
        assert self.rows == fresh, f"{self.person.name} got {self.frames}"


async def opened(stage: Stage, *screens: Screen) -> None:
    """All of them, with nothing left to come."""
    for screen in screens:
        await screen.open()
    await moved(stage, *screens)


async def moved(stage: Stage, *screens: Screen, compare: bool = True) -> None:
    """Everything has come, and every screen is what a query says.

    Contacts are not told of what goes, and so ask again where nothing is compared. Queries are of
    a new session each time: one would be out of points soon.
    """
    await stage.settled()
    readers = {
        name: await stage.site.sign_in(name) for name in {one.person.name for one in screens}
    }
    for screen in screens:
        screen.reader = readers[screen.person.name]
        await screen.take()
        if compare:
            await screen.compare()
        elif isinstance(screen, MyScreen):
            screen.rows = await screen.fresh()
