"""Mails that came in: who asks, what they may read, what they decide."""

from actions import inbound_review
from actions.inbound_review import reviewable
from models.conditions import Condition, Every, Is
from models.mail_enums import InboundState
from models.mails import InboundMail
from models.paging import Page, PageRequest, Sort
from resolvers import lists
from resolvers.context import Context


async def log(
    context: Context, *, mailbox_id: int | None, state: InboundState | None, page: PageRequest
) -> Page[InboundMail]:
    """Those the operator may read, the newest first."""
    by = await context.operator()
    wanted = {"mailbox_id": mailbox_id, "state": state.value if state else None}
    parts: list[Condition] = [
        Is(column, value) for column, value in wanted.items() if value is not None
    ]
    seen = Every((reviewable(by.sight), *parts))
    sort = Sort("mail", "t.id", lambda row: row.id, True, unique=True)
    return await lists.rows_of(InboundMail, "inbound_mail", seen, sort, page)


async def accept(context: Context, id: int, department_id: int | None) -> InboundMail:
    return await inbound_review.accept(id, department_id, by=await context.operator())


async def attach(context: Context, id: int, ticket_id: int) -> InboundMail:
    return await inbound_review.attach(id, ticket_id, by=await context.operator())


async def discard(context: Context, id: int) -> InboundMail:
    return await inbound_review.discard(id, by=await context.operator())


async def retry(context: Context, id: int) -> InboundMail:
    return await inbound_review.retry(id, by=await context.operator())
