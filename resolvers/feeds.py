"""Feeds for whoever asks."""

from models.enums import Right
from realtime.contact_feed import ContactFeed
from realtime.notification_feed import CountersFeed, NotificationFeed
from realtime.operator_feed import OperatorFeed
from resolvers.context import Context
from resolvers.rules import require_scope


async def operator_feed(context: Context, ticket_id: int) -> OperatorFeed:
    """One ticket's feed for the operator who asks."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    services = context.services
    return OperatorFeed(
        services.hub,
        services.presence,
        by.id,
        by.session_id,
        ticket_id,
        shown=by.scopes is None,
        scopes=by.scopes,
    )


async def contact_feed(context: Context, ticket_id: int) -> ContactFeed:
    """One ticket's feed for the contact who asks."""
    by = await context.contact()
    return ContactFeed(context.services.hub, by.id, by.session_id, ticket_id)


async def notification_feed(context: Context) -> NotificationFeed:
    """What the operator who asks is told of."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    return NotificationFeed(context.services.notices, by.id, by.scopes)


async def notification_counters_feed(context: Context) -> CountersFeed:
    """How much of it they have not read."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    return CountersFeed(context.services.notices, by.id, by.scopes)
