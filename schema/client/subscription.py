"""The client area's subscription and its frames."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models.enums import FeedResetReason
from models.tickets import Ticket as TicketRow
from models.timeline import TimelineEntry
from realtime import feed_events
from realtime.feed_events import Frame
from resolvers import feeds
from resolvers.ids import encode, local_id
from schema.client.types import Message, Ticket
from schema.core import Info

CURSOR = "Opaque: pass the last one seen as `after` to resume."


def _ticket(frame: Parent[Any], info: Info) -> TicketRow:
    info.context.share(frame)
    return frame.ticket


def _ticket_field() -> Any:
    return strawberry.field(
        resolver=_ticket, graphql_type=Ticket, description="As it is when the frame is made."
    )


@strawberry.type(description="The state everything after builds on.")
class TicketSnapshot:
    ticket: Any = _ticket_field()
    cursor: str = strawberry.field(description=CURSOR)

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Snapshot)


@strawberry.type(description="A new message, each once and in order.")
class MessageAdded:
    ticket: Any = _ticket_field()
    cursor: str = strawberry.field(description=CURSOR)

    @strawberry.field(graphql_type=Message, description="The message.")
    def message(self, frame: Parent[feed_events.Added], info: Info) -> TimelineEntry:
        info.context.share(frame)
        return frame.entry

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Added)


@strawberry.type(
    description=(
        "The ticket's turn, subject or rating changed; never because of what a contact cannot see."
    )
)
class TicketChanged:
    ticket: Any = _ticket_field()

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.TicketMoved)


@strawberry.type(
    description=(
        "The cursor cannot be replayed: read the ticket anew; the feed goes on live from `cursor`."
    )
)
class FeedReset:
    reason: FeedResetReason = strawberry.field(description="Why.")
    cursor: str = strawberry.field(description=CURSOR)

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Reset)


@strawberry.type(
    description="Last frame: the viewer may not see the ticket. The subscription completes."
)
class AccessRevoked:
    @strawberry.field(description="Which.")
    def ticket_id(self, frame: Parent[feed_events.Revoked]) -> strawberry.ID:
        return strawberry.ID(encode("Ticket", frame.ticket_id))

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Revoked)


TicketEvent = Annotated[
    TicketSnapshot | MessageAdded | TicketChanged | FeedReset | AccessRevoked,
    strawberry.union("TicketEvent", description="What happens on a ticket, as a contact sees it."),
]


@strawberry.type(description="What contacts are told as it happens.")
class Subscription:
    @strawberry.subscription(
        graphql_type=TicketEvent,
        description=(
            "Everything a contact can see happen on one ticket.\n"
            "Without `after`: TicketSnapshot, then live.\n"
            "With `after`: every later message, once and in order; TicketSnapshot; then live.\n"
            "With a cursor that cannot be replayed: FeedReset; TicketSnapshot; then live.\n"
            "A ticket that is not theirs, or does not exist: AccessRevoked, and the end."
        ),
    )
    async def ticket_events(
        self,
        info: Info,
        ticket_id: Annotated[strawberry.ID, strawberry.argument(description="Which ticket.")],
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor seen.")
        ] = None,
    ) -> AsyncGenerator[Frame]:
        feed = await feeds.contact_feed(info.context, local_id(ticket_id, "Ticket"))
        async with aclosing(feed.frames(info.context.since(after), info.context.channel)) as frames:
            async for frame in frames:
                yield frame

    @strawberry.subscription(
        graphql_type=Ticket,
        description=(
            "The contact's tickets as they change, new ones too: of each the newest state, five "
            "times a second at most; never because of what a contact cannot see."
        ),
    )
    async def ticket_changed(self, info: Info) -> AsyncGenerator[Frame]:
        feed = await feeds.contact_list_feed(info.context)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames())) as frames:
            async for frame in frames:
                yield frame
