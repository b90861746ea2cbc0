"""Feeds for whoever asks."""

from models.enums import Right
from realtime.contact_feed import ContactFeed
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
