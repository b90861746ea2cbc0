"""A small schema that does everything a transport can meet."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.types import Info

from app.transport.endpoint import Ask, BadCredential, Caller, Endpoint
from app.transport.limits import Limits
from resolvers.errors import RequestRefused

COOKIE = "__Host-toy"


@dataclass(frozen=True)
class Person:
    key: str
    session_id: int | None


@dataclass
class World:
    """What happened on the server, for tests to look at."""

    open_sources: int = 0
    closed_sources: int = 0
    written: list[str] = field(default_factory=list[str])
    started: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    contexts: int = 0
    asks: list[Ask] = field(default_factory=list[Ask])


@dataclass
class Context:
    world: World
    caller: Caller | None
    ask: Ask
    number: int
    cookies: list[str] = field(default_factory=list[str])


ToyInfo = Info[Context, None]


@strawberry.type
class Ticket:
    subject: str

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("secret: the database is at 10.0.0.7")

    @strawberry.field
    def tickets(self, first: int | None = None) -> "TicketConnection":
        return TicketConnection(nodes=[])

    @strawberry.field
    def related(self) -> "list[Ticket]":
        return []


@strawberry.type
class TicketConnection:
    nodes: list[Ticket]

    @strawberry.field
    def total_count(self) -> int:
        return len(self.nodes)


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}"

    @strawberry.field
    def ticket(self) -> Ticket:
        return Ticket(subject="Printer")

    @strawberry.field
    def tickets(self, first: int | None = None, last: int | None = None) -> TicketConnection:
        return TicketConnection(nodes=[Ticket(subject="Printer")])

    @strawberry.field
    def related(self) -> list[Ticket]:
        return []

    @strawberry.field
    def broken(self) -> str:
        raise ValueError("secret: the database is at 10.0.0.7")

    @strawberry.field
    def forbidden(self) -> str | None:
        raise RequestRefused("FORBIDDEN", "The token has no scope for this.")

    @strawberry.field
    def viewer(self, info: ToyInfo) -> str | None:
        return info.context.caller.key if info.context.caller else None


@strawberry.type
class Mutation:
    @strawberry.mutation
    def sign_in(self, info: ToyInfo) -> str:
        info.context.cookies.append(f"{COOKIE}=good-1; Path=/; Secure; HttpOnly; SameSite=Lax")
        return "signed in"

    @strawberry.mutation
    async def write(self, info: ToyInfo, text: str) -> str:
        info.context.world.started.set()
        await info.context.world.go_on.wait()
        info.context.world.written.append(text)
        return text


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        for number in range(to):
            yield number

    @strawberry.subscription
    async def ever(self, info: ToyInfo) -> AsyncGenerator[int, None]:
        world = info.context.world
        world.open_sources += 1
        try:
            yield 0
            await asyncio.Event().wait()
        finally:
            world.open_sources -= 1
            world.closed_sources += 1

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("secret: the source is gone")

    @strawberry.subscription
    async def refuses(self) -> AsyncGenerator[int, None]:
        raise RequestRefused("UNAUTHENTICATED", "Sign in first.")
        yield 1

    @strawberry.subscription
    async def tickets(self) -> AsyncGenerator[Ticket, None]:
        for _ in range(2):
            yield Ticket(subject="Printer")

    @strawberry.subscription
    async def flood(self, size: int = 1000, pause: float = 0) -> AsyncGenerator[str, None]:
        while True:
            await asyncio.sleep(pause)
            yield "x" * size

    @strawberry.subscription
    async def contexts(self, info: ToyInfo) -> AsyncGenerator[Ticket, None]:
        for _ in range(2):
            yield Ticket(subject=str(info.context.number))


class Schema(strawberry.Schema):
    @property
    def core(self) -> GraphQLSchema:
        return self._schema


SCHEMA = Schema(query=Query, mutation=Mutation, subscription=Subscription).core


async def identify(token: str) -> Person:
    """The tokens `good-1`, `good-2` … belong to sessions; all others are bad."""
    name, _, number = token.partition("-")
    if name == "crash":
        raise RuntimeError("secret: no database")
    if name != "good":
        raise BadCredential
    return Person(token, int(number))


def endpoint(world: World, limits: Limits | None = None, **settings: Any) -> Endpoint:
    def context(caller: Caller | None, ask: Ask, _channel: object) -> Context:
        world.contexts += 1
        world.asks.append(ask)
        return Context(world, caller, ask, world.contexts)

    defaults: dict[str, Any] = {
        "name": "desk",
        "path": "/graphql",
        "introspection_for_anonymous": True,
    }
    return Endpoint(
        schema=SCHEMA,
        cookie=COOKIE,
        identify=identify,
        context=context,
        limits=limits or Limits(),
        **(defaults | settings),
    )
