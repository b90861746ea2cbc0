"""The page somebody has open on a ticket: loaded once, then moved by its feed alone."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tests.journeys.documents import documents_of
from tests.support.live import Connection, Feed
from tests.support.site import Client

Start = tuple[list[dict[str, Any]], dict[str, Any], str]
"""Lines, state, and the feed's cursor, read together."""
STATE = ("ticket", "lock", "viewers")
"""Fields of a frame that replace what the page showed."""


class Page:
    """What one person sees of one ticket, across dropped lines.

    Every new line must carry the number after the last one: a line missed or told twice fails.
    """

    def __init__(self, who: Client, ticket_id: str) -> None:
        self.who = who
        self.ticket_id = ticket_id
        self.items: list[dict[str, Any]] = []
        self.frames: list[str] = []
        self._shown: dict[str, Any] = {}
        self._cursor = ""
        self._beginning: Start = ([], {}, "")
        self._documents = documents_of(who)
        self._line = AsyncExitStack()
        self._connection: Connection | None = None
        self._feed: Feed | None = None

    @property
    def turn(self) -> str:
        """Who must speak next."""
        return self._shown["ticket"]["turn"]

    @property
    def lock_holder(self) -> str | None:
        """Who holds the reply lock, by name."""
        lock = self._shown["lock"]
        return lock["operator"]["name"] if lock else None

    @property
    def lock_token(self) -> str | None:
        """What a reply must carry, if the page's owner holds the lock."""
        lock = self._shown["lock"]
        return lock["token"] if lock else None

    @property
    def last(self) -> dict[str, Any]:
        """The newest line."""
        return self.items[-1]

    async def load(self) -> None:
        """Read the page, and where its feed goes on from."""
        self._begin(await self._read())

    def from_the_beginning(self) -> "Page":
        """Another page, as this one was when it was loaded."""
        again = Page(self.who, self.ticket_id)
        again._begin(self._beginning)
        return again

    def _begin(self, start: Start) -> None:
        self._beginning = start
        items, shown, self._cursor = start
        self.items, self._shown = [*items], {**shown}

    async def watch(self) -> list[dict[str, Any]]:
        """Open the feed where the page stands; the lines it missed."""
        known = len(self.items)
        self._connection = await self._line.enter_async_context(self.who.live())
        self._feed = await self._connection.subscribe(
            self._documents.feed, id=self.ticket_id, after=self._cursor
        )
        before = len(self.frames)
        await self.until(lambda page: "TicketSnapshot" in page.frames[before:])
        first_frames = self.frames[before:]
        assert first_frames == [self._documents.added] * (len(self.items) - known) + [
            "TicketSnapshot"
        ], first_frames
        return self.items[known:]

    async def drop(self) -> None:
        """Cut the line without a word."""
        assert self._connection is not None
        await self._connection.drop()
        await self.leave()

    async def leave(self) -> None:
        """Close the line."""
        await self._line.aclose()
        self._connection = self._feed = None

    async def until(self, condition: Callable[["Page"], bool]) -> None:
        """Read frames until the page shows it."""
        assert self._feed is not None
        while not condition(self):
            self._show(await self._feed.next())

    async def reached(self, number: int) -> dict[str, Any]:
        """The line with this number, which is the newest, once it is there."""
        await self.until(lambda page: len(page.items) >= number)
        assert self.last["number"] == number
        return self.last

    async def nothing_came(self) -> None:
        """Silence."""
        assert self._feed is not None
        assert await self._feed.quiet() == []

    async def revoked(self) -> None:
        """The feed says that the ticket is gone, and ends."""
        assert self._feed is not None
        await self.until(lambda page: "AccessRevoked" in page.frames)
        await self._feed.completed()

    async def equals_a_fresh_query(self) -> None:
        """What was loaded once and moved by frames is what a query says now."""
        items, shown, _ = await self._read()
        assert self.items == items, (self.items, items)
        mine = {name: self._shown[name] for name in shown}
        assert mine == shown, (mine, shown)

    async def _read(self) -> Start:
        data = await self.who.run(self._documents.page, id=self.ticket_id)
        ticket = data["ticket"]
        items = [edge["node"] for edge in ticket.pop(self._documents.items)["edges"]]
        cursor = ticket.pop("feedCursor")
        lock = {"lock": ticket.pop("lock")} if "lock" in ticket else {}
        return items, {"ticket": ticket, **lock}, cursor

    def _show(self, frame: dict[str, Any]) -> None:
        assert frame["__typename"] != "FeedReset", frame
        self.frames.append(frame["__typename"])
        if frame["__typename"] == self._documents.added:
            item = frame[self._documents.item]
            assert item["number"] == len(self.items) + 1, (item, self.items)
            self.items.append(item)
        elif self._documents.item in frame:
            item = frame[self._documents.item]
            self.items[item["number"] - 1] = item
        self._shown |= {name: frame[name] for name in STATE if name in frame}
        self._cursor = frame.get("cursor", self._cursor)


@asynccontextmanager
async def watching(who: Client, ticket_id: str) -> AsyncGenerator[Page]:
    """A page, loaded, with its feed open."""
    page = Page(who, ticket_id)
    await page.load()
    assert await page.watch() == []
    try:
        yield page
    finally:
        await page.leave()
