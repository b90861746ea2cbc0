"""Ticket lists on screens: what was queried, moved on by frames alone, is what a query says."""

from dataclasses import dataclass, field
from typing import Any

from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed

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
MINE = "id number subject turn updatedAt closedAt category { name } messages { totalCount }"
MINE_FEED = f"subscription {{ ticketChanged {{ {MINE} }} }}"
MY_LIST = f"{{ tickets(first: 100) {{ edges {{ node {{ {MINE} }} }} }} }}"


@dataclass
class ListScreen:
    """One filtered list of one operator."""

    person: Person
    filter: Filter
    fragment: str = ROW
    feed: Feed | None = None
    rows: dict[str, Any] = field(default_factory=dict[str, Any])
    frames: list[Frame] = field(default_factory=list[Frame])

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
        found = await self.person.client.run(LIST + self.fragment, filter=self.filter)
        page = found["tickets"]
        assert page["totalCount"] == len(page["edges"])
        return {edge["node"]["id"]: edge["node"] for edge in page["edges"]}

    async def moved(self) -> list[Frame]:
        """The frames since the last look, applied; the screen is then what a query says."""
        assert self.feed
        self.frames = arrived(self.feed)
        before = set(self.rows)
        for frame in self.frames:
            await self._apply(frame)
        fresh = await self.fresh()
        what = f"{self.person.name} {self.filter} got {self.types}"
        assert self.rows == fresh, what
        named = {one["ticket"]["id"] for one in self.frames if "ticket" in one}
        assert named <= set(fresh), f"{what}: of a ticket not in sight"
        left = {one["ticketId"] for one in self.frames if "ticketId" in one}
        assert left <= before | named, f"{what}: of a ticket never in sight"
        return self.frames

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
class CountersScreen:
    """One filtered set of counters of one operator."""

    person: Person
    filter: Filter
    feed: Feed | None = None
    now: Frame = field(default_factory=dict[str, Any])
    frames: list[Frame] = field(default_factory=list[Frame])

    async def open(self) -> None:
        self.feed = await self.person.connection.subscribe(COUNTERS_FEED, filter=self.filter)
        self.now = await self.feed.next()
        assert self.now == await self.fresh()

    async def fresh(self) -> Frame:
        return (await self.person.client.run(COUNTERS, filter=self.filter))["ticketCounters"]

    async def moved(self) -> list[Frame]:
        assert self.feed
        self.frames = arrived(self.feed)
        before = self.now
        for frame in self.frames:
            assert frame != before, "nothing changed"
            self.now = before = frame
        assert self.now == await self.fresh(), f"{self.person.name} {self.filter}"
        return self.frames


@dataclass
class MyScreen:
    """The tickets of one contact."""

    person: Person
    feed: Feed | None = None
    rows: dict[str, Any] = field(default_factory=dict[str, Any])
    frames: list[Frame] = field(default_factory=list[Frame])

    async def open(self) -> None:
        self.feed = await self.person.connection.subscribe(MINE_FEED)
        self.rows = await self.fresh()

    async def fresh(self) -> dict[str, Any]:
        edges = (await self.person.client.run(MY_LIST))["tickets"]["edges"]
        return {edge["node"]["id"]: edge["node"] for edge in edges}

    async def moved(self) -> list[Frame]:
        """Tickets that went are not told of; those that are there are as a query says."""
        assert self.feed
        self.frames = arrived(self.feed)
        for frame in self.frames:
            assert self.rows.get(frame["id"]) != frame, "nothing they can see changed"
            self.rows[frame["id"]] = frame
        fresh = await self.fresh()
        assert {one["id"] for one in self.frames} <= set(fresh)
        self.rows = {id: row for id, row in self.rows.items() if id in fresh}
        assert self.rows == fresh, f"{self.person.name} got {self.frames}"
        return self.frames


Screen = ListScreen | CountersScreen | MyScreen


async def opened(stage: Stage, *screens: Screen) -> None:
    """All of them, with nothing left to come."""
    for screen in screens:
        await screen.open()
    await stage.settled()
    for screen in screens:
        await screen.moved()


async def moved(stage: Stage, *screens: Screen) -> None:
    """Everything has come, and every screen is what a query says."""
    await stage.settled()
    for screen in screens:
        await screen.moved()
