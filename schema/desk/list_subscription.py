"""The desk's subscriptions to lists and counters, and their frames."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import tickets
from models.enums import FeedResetReason
from realtime import feed_events
from realtime.feed_events import Frame
from resolvers import feeds
from resolvers.ids import encode
from schema.core import Info
from schema.desk.counters import TicketCounters
from schema.desk.filters import Filter
from schema.desk.ticket import Ticket


def _ticket(frame: Parent[Any], info: Info) -> tickets.Ticket:
    info.context.share(frame)
    return frame.ticket


def _ticket_field() -> Any:
    return strawberry.field(
        resolver=_ticket, graphql_type=Ticket, description="As it is when the frame is made."
    )


@strawberry.type(
    description=(
        "The subscription is in force: query the list now, then apply every frame to it. "
        "The first frame, after a reconnect too."
    )
)
class TicketListReady:
    at: datetime = strawberry.field(description="When, by the desk's clock.")

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.ListReady)


@strawberry.type(description="A ticket is in the list; replace it if it is there already.")
class TicketEntered:
    ticket: Any = _ticket_field()

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Entered)


@strawberry.type(description="A ticket of the list changed; its place may be another.")
class TicketUpdated:
    ticket: Any = _ticket_field()

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Updated)


@strawberry.type(description="A ticket is not in the list any more, or not in sight.")
class TicketLeft:
    @strawberry.field(description="Which.")
    def ticket_id(self, frame: Parent[feed_events.Left]) -> strawberry.ID:
        return strawberry.ID(encode("Ticket", frame.ticket_id))

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Left)


@strawberry.type(description="More changed than is told one by one: query the list again.")
class TicketListReset:
    reason: FeedResetReason = strawberry.field(description="Why.")

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.ListReset)


TicketListEvent = Annotated[
    TicketListReady | TicketEntered | TicketUpdated | TicketLeft | TicketListReset,
    strawberry.union("TicketListEvent", description="What happens to a ticket list."),
]


@strawberry.type
class ListSubscriptions:
    @strawberry.subscription(
        graphql_type=TicketListEvent,
        description=(
            "Tickets that enter, change in, or leave a filtered list, as the viewer sees it. The "
            "first frame is TicketListReady: query the list once it has come, after a reconnect "
            "too, and nothing is missed. Of each ticket the newest state is told, five times a "
            "second at most."
        ),
    )
    async def ticket_list_events(self, info: Info, filter: Filter = None) -> AsyncGenerator[Frame]:
        feed = await feeds.list_feed(info.context, filter.wanted() if filter else None)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames())) as frames:
            async for frame in frames:
                yield frame

    @strawberry.subscription(
        graphql_type=TicketCounters,
        description=(
            "How many tickets in sight wait for whom: the first frame is the current state, and "
            "each change, midnight too, brings all of it, five times a second at most."
        ),
    )
    async def ticket_counters_changed(
        self, info: Info, filter: Filter = None
    ) -> AsyncGenerator[Frame]:
        feed = await feeds.counters_feed(info.context, filter.wanted() if filter else None)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames())) as frames:
            async for frame in frames:
                yield frame
