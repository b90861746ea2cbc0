"""People with open sockets, and the live layer as seen from behind."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from app.live import Live
from realtime.broker import CHANNELS, Hint
from realtime.listener import Listener
from resolvers.ids import decode
from tests.live.documents import CLIENT_SIDE, DESK_SIDE, Side
from tests.support.live import Connection, Feed
from tests.support.site import DESK, Client, Site, category


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so; the time limit of the test is the only one."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.005)


class Backstage:
    """Knows when everything announced so far has reached the sockets, without a clock."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._marks = count(1)
        self._heard: set[object] = set()
        live.broker.listen(lambda hint: self._heard.add(hint.get("mark")))

    async def settled(self, *connections: Connection) -> None:
        """Hints have come, topics have loaded, feeds wait for more, frames are with the client."""
        for connection in connections:
            await flushed(connection)
        await self._hinted()
        await eventually(self.idle)
        for connection in connections:
            await flushed(connection)

    def idle(self) -> bool:
        """Whether no topic, no list and no feed has anything left to do."""
        registry = self.live.lists.registry
        if registry.watches.any and not (registry.idle and _awaited(registry.wanted)):
            return False
        if not all(feed.idle and _awaited(feed._arrived) for feed in registry.seats):
            return False
        listening = self.live.notices._listeners.values()
        if not all(_awaited(one._news) for listeners in listening for one in listeners):
            return False
        if not all(_awaited(one._news) for one in self.live.mailboxes._listeners):
            return False
        return all(
            not topic._dirty.is_set()
            and _awaited(topic._dirty)
            and topic._viewers is None
            and all(map(_idle, topic.listeners))
            for topic in self.live.hub._topics.values()
        )

    async def _hinted(self) -> None:
        """A mark on every channel has come back; it names no ticket that exists."""
        marks = [next(self._marks) for _ in range(CHANNELS)]
        for channel, mark in enumerate(marks):
            await self.live.broker.publish({"ticket": 2**40 * CHANNELS + channel, "mark": mark})
        await eventually(lambda: self._heard.issuperset(marks))


def _idle(listener: Listener) -> bool:
    """Whether its feed waits for more, or is told by an audience."""
    return listener.empty and (listener.riding or _awaited(listener._arrived))


def _awaited(event: asyncio.Event) -> bool:
    """Whether somebody waits for it."""
    inside: Any = event
    return bool(inside._waiters)


async def flushed(connection: Connection) -> None:
    """What the server had sent by now is here: its frames keep their order."""
    echo = await connection.subscribe("query { __typename }")
    while (await connection.message(echo._id))["type"] != "complete":
        pass


def begun(feed: Feed) -> bool:
    """Whether anything has come."""
    return not feed._connection._queues[feed._id].empty()


def arrived(feed: Feed) -> list[dict[str, Any]]:
    """The frames that are here and were not looked at; after the last, "(complete)"."""
    frames: list[Any] = []
    queue = feed._connection._queues[feed._id]
    while not queue.empty():
        message = queue.get_nowait()
        if message["type"] == "complete":
            frames.append({"__typename": "(complete)"})
            continue
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        frames.append(message["payload"]["data"][feed._field])
    return frames


@dataclass
class Person:
    """Somebody at a screen."""

    name: str
    client: Client
    connection: Connection

    @property
    def side(self) -> Side:
        return DESK_SIDE if self.client.path == DESK else CLIENT_SIDE

    async def watch(self, ticket_id: str, after: str | None = None) -> Feed:
        return await self.connection.subscribe(self.side.feed, id=ticket_id, after=after)

    async def fresh(self, ticket_id: str) -> dict[str, Any] | None:
        return (await self.client.run(self.side.fresh, id=ticket_id))["ticket"]

    async def cursor(self, ticket_id: str) -> str:
        fresh = await self.fresh(ticket_id)
        assert fresh
        return fresh["feedCursor"]

    async def do(self, mutation: str, fields: str = "", **input: Any) -> dict[str, Any]:
        """The result, which must not be a refusal."""
        done = await self.client.do(mutation, fields, **input)
        assert "message" not in done, done
        return done


@dataclass
class Stage:
    """A site, its live layer, and whoever has come."""

    site: Site
    backstage: Backstage
    enter: Callable[[Client], Awaitable[Connection]]
    people: list[Person] = field(default_factory=list[Person])

    @property
    def live(self) -> Live:
        return self.backstage.live

    async def person(self, name: str) -> Person:
        """A new session of theirs with a socket of its own."""
        client = await self.site.sign_in(name)
        return await self.seat(name, client)

    async def seat(self, name: str, client: Client) -> Person:
        """One more socket of a session."""
        person = Person(name, client, await self.enter(client))
        self.people.append(person)
        return person

    async def settled(self) -> None:
        await self.backstage.settled(
            *(one.connection for one in self.people if not one.connection._reader.done())
        )

    async def ticket(self, by: Person, where: str = "Rinnovo permesso", **input: Any) -> str:
        """A ticket the contact opens; its global id."""
        input = {"subject": "Permesso", "body": "<p>aiuto</p>", **input}
        if "followUpOfId" not in input:
            input["categoryId"] = await category(by.client, where)
        opened = await by.do("ticketOpen", "... on TicketOpened { ticket { id } }", **input)
        return opened["ticket"]["id"]


def number_of(ticket_id: str) -> int:
    """A ticket's number by its global id."""
    return decode(ticket_id)[1]


def as_hint(ticket_id: str, **more: int | str) -> Hint:
    return {"ticket": number_of(ticket_id), **more}
