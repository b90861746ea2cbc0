"""The desk's subscriptions and their frames."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import tickets, timeline
from models.enums import FeedResetReason
from realtime import feed_events, presence
from realtime.feed_events import Frame
from resolvers import feeds
from resolvers.ids import encode, local_id
from schema.core import Info
from schema.desk.administration.mailbox_control import MailboxSubscriptions
from schema.desk.list_subscription import ListSubscriptions
from schema.desk.notifications import NotificationSubscriptions
from schema.desk.people import Operator
from schema.desk.ticket import ReplyLock, Ticket, Viewer
from schema.desk.timeline import TimelineEntry

CURSOR = "Opaque: pass the last one seen as `after` to resume."


def _ticket(frame: Parent[Any], info: Info) -> tickets.Ticket:
    info.context.share(frame)
    return frame.ticket


def _entry(frame: Parent[Any], info: Info) -> timeline.TimelineEntry:
    info.context.share(frame)
    return frame.entry


def _ticket_field() -> Any:
    return strawberry.field(
        resolver=_ticket, graphql_type=Ticket, description="As it is when the frame is made."
    )


def _entry_field(description: str) -> Any:
    return strawberry.field(resolver=_entry, graphql_type=TimelineEntry, description=description)


@strawberry.type(description="The state everything after builds on.")
class TicketSnapshot:
    ticket: Any = _ticket_field()
    viewers: list[presence.Viewer] = strawberry.field(
        graphql_type=list[Viewer], description="Who has it open."
    )
    cursor: str = strawberry.field(description=CURSOR)

    @strawberry.field(graphql_type=ReplyLock | None, description="Null when the ticket is free.")
    def lock(self, frame: Parent[feed_events.Snapshot]) -> tickets.ReplyLock | None:
        return frame.ticket.reply_lock

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Snapshot)


@strawberry.type(description="A new entry, each once and in order.")
class EntryAdded:
    entry: Any = _entry_field("The entry.")
    ticket: Any = _ticket_field()
    cursor: str = strawberry.field(description=CURSOR)

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Added)


@strawberry.type(description="An entry already sent is not what it was.")
class EntryChanged:
    entry: Any = _entry_field("As it is now.")
    cursor: str = strawberry.field(description=CURSOR)

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Changed)


@strawberry.type(
    description="A change that leaves no timeline entry (unread mark, draft, SLA state …)."
)
class TicketChanged:
    ticket: Any = _ticket_field()

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.TicketMoved)


@strawberry.type(description="The whole lock, as it is now.")
class ReplyLockChanged:
    @strawberry.field(graphql_type=ReplyLock | None, description="Null when the ticket is free.")
    def lock(self, frame: Parent[feed_events.LockMoved], info: Info) -> tickets.ReplyLock | None:
        info.context.share(frame)
        return frame.lock

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.LockMoved)


@strawberry.type(
    description="A colleague asks the viewer, who holds the reply lock, to hand it over."
)
class ReplyLockRequested:
    @strawberry.field(graphql_type=Operator, description="Who asks.")
    async def by(self, frame: Parent[feed_events.Requested], info: Info) -> Any:
        info.context.share(frame)
        return await info.context.loaders.operators.load(frame.operator_id)

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.Requested)


@strawberry.type(description="The whole list of viewers, as it is now; at most one a second.")
class ViewersChanged:
    @strawberry.field(graphql_type=list[Viewer], description="Who has the ticket open.")
    def viewers(self, frame: Parent[feed_events.ViewersNow], info: Info) -> list[presence.Viewer]:
        info.context.share(frame)
        return frame.viewers

    @classmethod
    def is_type_of(cls, frame: object, _info: Info) -> bool:
        return isinstance(frame, feed_events.ViewersNow)


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
    TicketSnapshot
    | EntryAdded
    | EntryChanged
    | TicketChanged
    | ReplyLockChanged
    | ReplyLockRequested
    | ViewersChanged
    | FeedReset
    | AccessRevoked,
    strawberry.union("TicketEvent", description="What happens on a ticket."),
]


@strawberry.type(description="What operators are told as it happens.")
class Subscription(NotificationSubscriptions, ListSubscriptions, MailboxSubscriptions):
    @strawberry.subscription(
        graphql_type=TicketEvent,
        description=(
            "Everything that happens on one ticket.\n"
            "Without `after`: TicketSnapshot, then live.\n"
            "With `after`: every later entry, once and in order; EntryChanged for older ones; "
            "TicketSnapshot; then live.\n"
            "With a cursor that cannot be replayed: FeedReset; TicketSnapshot; then live.\n"
            "A ticket the viewer may not see, or that does not exist: AccessRevoked, and the end."
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
        feed = await feeds.operator_feed(info.context, local_id(ticket_id, "Ticket"))
        async with aclosing(feed.frames(info.context.since(after), info.context.channel)) as frames:
            async for frame in frames:
                yield frame
