"""Feeds for whoever asks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TypeVar

from models.callers import ContactCaller, OperatorCaller, reach
from models.circles import circle_of
from models.compiled import normal
from models.conditions import NEVER, Every
from models.desk import Desk
from models.enums import Right, TicketAction
from models.people import Operator
from models.sights import sight_of
from realtime.contact_feed import ContactFeed
from realtime.lists.streams import Stream
from realtime.lists.watch import Audience
from realtime.notification_feed import CountersFeed, NotificationFeed
from realtime.operator_feed import OperatorFeed
from resolvers.context import Context
from resolvers.filters import TicketFilter, condition_of
from resolvers.rules import require_scope

T = TypeVar("T")


async def while_signed_in(context: Context, frames: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """What a feed says, as long as the session is in force when it is said."""
    async with aclosing(frames) as told:
        async for one in told:
            await context.still_told(one)
            yield one


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
    return ContactFeed(context.services.hub, by.id, by.session_id, ticket_id, by.only_ticket)


async def notification_feed(context: Context) -> NotificationFeed:
    """What the operator who asks is told of."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    return NotificationFeed(context.services.notices, by.id, by.scopes)


async def notification_counters_feed(context: Context) -> CountersFeed:
    """How much of it they have not read."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    return CountersFeed(context.services.notices, by.id, by.scopes)


async def list_feed(context: Context, wanted: TicketFilter | None) -> Stream:
    """A filtered ticket list for the operator who asks."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    scope = partial(_list_audience, by, wanted)
    return await context.services.lists.of_operator(by.id, scope, by.sight.version)


async def counters_feed(context: Context, wanted: TicketFilter | None) -> Stream:
    """The counters of a filtered ticket list for the operator who asks."""
    by = await require_scope(context, Right.TICKETS_VIEW)
    scope = partial(_counters_audience, by, wanted)
    return await context.services.lists.counters(by.id, scope, by.sight.version)


async def contact_list_feed(context: Context) -> Stream:
    """The tickets of the contact who asks."""
    by = await context.contact()
    version = (await Desk.get(id=1)).rights_version
    return await context.services.lists.of_contact(partial(_circle, by), version)


async def _list_audience(by: OperatorCaller, wanted: TicketFilter | None, version: int) -> Audience:
    """What a query of the same filter would list by these rights."""
    try:
        sight = (await sight_of(by.id, version)).scoped(by.scopes)
    except LookupError:
        return Audience(NEVER, version)
    by = replace(by, sight=sight)
    condition = normal(Every((by.condition, await condition_of(wanted, by))))
    acting = tuple(normal(sight.acting(action)) for action in TicketAction)
    # Who sees nothing any more is told of what goes, and need not ask what may be done with it.
    return Audience(condition, sight.version, acting=None if condition == NEVER else acting)


async def _counters_audience(
    by: OperatorCaller, wanted: TicketFilter | None, version: int
) -> Audience:
    """The same, and where their day begins."""
    audience = await _list_audience(by, wanted, version)
    operator = await Operator.get_or_none(id=by.id)
    zone = operator.time_zone if operator is not None else by.operator.time_zone
    return replace(audience, time_zone=zone)


async def _circle(by: ContactCaller, version: int) -> Audience:
    circle = await circle_of(by.id, version)
    if by.only_ticket is not None:
        circle &= {by.id}
    return Audience(normal(reach(circle, by.only_ticket)), version)
