"""What operators are told of in the dashboard."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import notifications as rows, tickets
from models.enums import Right
from models.paging import Page
from realtime import notification_feed
from resolvers import feeds, notifications
from resolvers.errors import RequestRefused
from resolvers.ids import local_id
from schema.core import Info, global_id
from schema.desk.node import Node
from schema.desk.refusals import REFUSALS, NotFound
from schema.desk.ticket import Ticket
from schema.paging import After, Connection, First, request
from schema.rules import scope

VIEW = scope(Right.TICKETS_VIEW)


@strawberry.type(description="Something an operator was told of, at most once for each entry.")
class Notification(Node):
    id: strawberry.ID = global_id("Notification")
    created_at: datetime = strawberry.field(description="When it happened.")
    entry_number: int = strawberry.field(description="The entry of the ticket that it tells of.")
    read: bool = strawberry.field(description="Whether they have read it: notificationsMarkRead.")

    @strawberry.field(description="What of: a NotificationKind.")
    def kind(self, row: Parent[rows.Notification]) -> str:
        return row.kind.value

    @strawberry.field(
        graphql_type=Ticket | None,
        description="Whose; null when it went out of sight this very moment.",
    )
    async def ticket(self, row: Parent[rows.Notification], info: Info) -> tickets.Ticket | None:
        return await notifications.ticket(info.context, row)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, rows.Notification)


@strawberry.type(description="A page of notifications, the newest first.")
class NotificationConnection(Connection[Notification]):
    @strawberry.field(description="Of the whole list, how many are not read.")
    async def unread_count(self, info: Info) -> int:
        return await notifications.unread_count(info.context)


@strawberry.type(description="How many notifications wait for the operator.")
class NotificationCounters:
    unread: int = strawberry.field(description="Not read, of tickets in sight.")


@strawberry.input(description="How far the notifications were read.")
class NotificationsMarkReadInput:
    up_to_id: strawberry.ID = strawberry.field(
        description="The newest one read: it, and what the list has after it, are read."
    )


@strawberry.type(description="They are read.")
class NotificationsMarked:
    unread: int = strawberry.field(description="How many are not: those that came later.")


NotificationsMarkReadResult = Annotated[
    NotificationsMarked | NotFound,
    strawberry.union("NotificationsMarkReadResult", description="NotificationsMarked, or why not."),
]


@strawberry.type(description="The operator's own notifications.")
class NotificationQueries:
    @strawberry.field(
        extensions=[VIEW],
        graphql_type=NotificationConnection,
        description=(
            "The operator's own, the newest first. Those of a ticket that is out of sight are not "
            "there, and come back with it; read ones go after 90 days."
        ),
    )
    async def notifications(
        self, info: Info, first: First = None, after: After = None
    ) -> Page[rows.Notification]:
        return await notifications.listed(await info.context.operator(), request(first, after))


@strawberry.type(description="Reading one's own notifications.")
class NotificationMutations:
    @strawberry.mutation(
        graphql_type=NotificationsMarkReadResult,
        extensions=[REFUSALS, VIEW],
        description="Say how far the notifications were read.",
    )
    async def notifications_mark_read(
        self,
        info: Info,
        input: Annotated[
            NotificationsMarkReadInput, strawberry.argument(description="What to do.")
        ],
    ) -> Any:
        up_to = local_id(input.up_to_id, "Notification")
        return NotificationsMarked(unread=await notifications.mark_read(info.context, up_to))


@strawberry.type(description="The operator's own notifications, as they come.")
class NotificationSubscriptions:
    @strawberry.subscription(
        graphql_type=Notification,
        description=(
            "The operator's own notifications as they come, each once, in the order of their "
            "making. One whose ticket has gone out of sight meanwhile is not told. With `after`, "
            "those that were missed come first: pass the newest one known, after a query and after "
            "a reconnect, and nothing is lost; of more than 200, the newest 200."
        ),
    )
    async def notification_added(
        self,
        info: Info,
        after: Annotated[
            strawberry.ID | None, strawberry.argument(description="The newest one known.")
        ] = None,
    ) -> AsyncGenerator[rows.Notification]:
        known = None if after is None else local_id(after, "Notification")
        if known == 0:
            raise RequestRefused("BAD_REQUEST", "after is the id of no notification.")
        feed = await feeds.notification_feed(info.context)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames(known))) as frames:
            async for row in frames:
                yield row

    @strawberry.subscription(
        graphql_type=NotificationCounters,
        description=(
            "How many are not read. The first frame is the current state; another comes when a "
            "notification comes, is read in another tab, or leaves or enters sight with its ticket."
        ),
    )
    async def notification_counters_changed(
        self, info: Info
    ) -> AsyncGenerator[notification_feed.Counters]:
        feed = await feeds.notification_counters_feed(info.context)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames())) as frames:
            async for counters in frames:
                yield counters
