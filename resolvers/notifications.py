"""What operators were told of: the list, the count, the read mark."""

from actions import notifications as actions
from models import notifications
from models.callers import OperatorCaller
from models.notifications import JOINED, Notification, of_operator
from models.paging import BadPage, Page, PageRequest, Sort, page
from models.sql import Statement, instances
from models.tickets import Ticket
from resolvers.context import Context
from resolvers.errors import RequestRefused

NEWEST_FIRST = Sort("notification", "n.id", lambda row: row.id, descending=True, unique=True)


async def listed(by: OperatorCaller, request: PageRequest) -> Page[Notification]:
    """The caller's, the newest first: of tickets in sight alone, for others tell nothing."""

    async def load(sql: str, to: Statement) -> list[Notification]:
        return await instances(Notification, sql, to)

    try:
        return await page(
            request,
            NEWEST_FIRST,
            lambda to: of_operator(by.id, by.condition, to),
            select=lambda _: f"SELECT n.* FROM {JOINED}",
            load=load,
            count=lambda: notifications.count(by.id, by.condition),
        )
    except BadPage as error:
        raise RequestRefused("BAD_REQUEST", str(error)) from None


async def unread_count(context: Context) -> int:
    """How many of the caller's they have not read."""
    by = await context.operator()
    return await notifications.unread_count(by.id, by.condition)


async def notification(by: OperatorCaller, id: int) -> Notification | None:
    """One of the caller's."""
    return await notifications.notification(id, by.id, by.condition)


async def ticket(context: Context, row: Notification) -> Ticket | None:
    """What it is about: as the feed judged it, else if it is in sight now."""
    return row.seen or await (await context.own()).tickets.load(row.ticket_id)


async def mark_read(context: Context, up_to: int) -> int:
    """Read up to this one; how many are not."""
    return await actions.mark_read(up_to, by=await context.operator())
