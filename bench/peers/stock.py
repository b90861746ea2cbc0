"""Strawberry as it comes: each viewer's subscription executes for itself. No database."""

import asyncio
from collections.abc import AsyncGenerator
from enum import Enum
from typing import Annotated

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from bench.peers.site import EVENT, routes, serve


@strawberry.enum
class Turn(Enum):
    OPERATOR = "OPERATOR"
    CONTACT = "CONTACT"
    CLOSED = "CLOSED"


@strawberry.type
class Operator:
    id: strawberry.ID
    name: str


@strawberry.type
class Contact:
    id: strawberry.ID
    name: str


@strawberry.type
class Category:
    id: strawberry.ID
    name: str


@strawberry.type
class Document:
    id: strawberry.ID
    name: str
    size: int


Actor = Annotated[Operator | Contact, strawberry.union("Actor")]


@strawberry.interface
class TimelineEntry:
    id: strawberry.ID
    number: int
    created_at: str
    turn_after: Turn
    author: Actor | None


@strawberry.interface
class Post(TimelineEntry):
    body_text: str
    attachments: list[Document]


@strawberry.type
class OperatorReply(Post):
    pass


@strawberry.type
class Ticket:
    id: strawberry.ID
    number: int
    subject: str
    turn: Turn
    updated_at: str
    last_entry_number: int
    contact: Contact
    category: Category | None


@strawberry.type
class EntryAdded:
    cursor: str
    entry: TimelineEntry
    ticket: Ticket


@strawberry.type
class AccessRevoked:
    ticket_id: strawberry.ID


TicketEvent = Annotated[EntryAdded | AccessRevoked, strawberry.union("TicketEvent")]
queues: set[asyncio.Queue[EntryAdded]] = set()


def added(number: int, now: str) -> EntryAdded:
    """The event as objects, built once for all viewers."""
    entry, ticket = EVENT["entry"], EVENT["ticket"]
    author = entry["author"]
    return EntryAdded(
        cursor=EVENT["cursor"],
        entry=OperatorReply(
            id=strawberry.ID(entry["id"]),
            number=number,
            created_at=now,
            turn_after=Turn(entry["turnAfter"]),
            author=Operator(id=author["id"], name=author["name"]),
            body_text=entry["bodyText"],
            attachments=[],
        ),
        ticket=Ticket(
            id=strawberry.ID(ticket["id"]),
            number=ticket["number"],
            subject=ticket["subject"],
            turn=Turn(ticket["turn"]),
            updated_at=now,
            last_entry_number=number,
            contact=Contact(**ticket["contact"]),
            category=Category(**ticket["category"]),
        ),
    )


@strawberry.type
class Query:
    ready: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticket_events(self, ticket_id: strawberry.ID) -> AsyncGenerator[TicketEvent, None]:
        queue: asyncio.Queue[EntryAdded] = asyncio.Queue()
        queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)


async def publish(number: int, now: str) -> None:
    """One event into every queue."""
    event = added(number, now)
    for queue in queues:
        queue.put_nowait(event)
    await asyncio.sleep(0)


if __name__ == "__main__":
    schema = strawberry.Schema(Query, subscription=Subscription, types=[OperatorReply])
    graphql: GraphQL[None, None] = GraphQL(
        schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL]
    )
    serve(
        Starlette(
            routes=[
                *routes(lambda: len(queues), publish),
                Route("/graphql", graphql),
                WebSocketRoute("/graphql", graphql),
            ]
        )
    )
