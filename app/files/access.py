"""Which documents a caller may fetch: those of the tickets they see, as of now."""

from datetime import timedelta

from actions.unit_of_work import unit_of_work
from models.callers import Caller, ContactCaller
from models.documents import Document, DocumentAccess
from models.sql import Statement, clock, instances
from resolvers.accounts import account_of
from resolvers.context import caller_of

ONE_FETCH = timedelta(hours=1)
"""Parts asked for within this time of a fetch belong to it."""


async def document_for(caller: Caller, id: int) -> Document | None:
    """The document if the caller may fetch it: one statement, whether it is there or not."""
    to = Statement()
    conditions = [f"d.id = {to.add(id)}", caller.condition.sql(to)]
    if isinstance(caller, ContactCaller):
        conditions.append("NOT d.internal")
    found = await instances(
        Document,
        "SELECT d.* FROM document d JOIN ticket t ON t.id = d.ticket_id "
        f"WHERE {' AND '.join(conditions)}",
        to,
    )
    return found[0] if found else None


async def caller_in(session_id: int) -> Caller | None:
    """Who is signed in with this session, with rights and scopes as of now; None once it ended."""
    account = await account_of(session_id)
    return None if account is None else await caller_of(account)


async def record_access(document: Document, caller: Caller, *, from_start: bool) -> None:
    """Write down who fetched the document, and when; further parts belong to the fetch before."""

    async def do() -> None:
        now = await clock()
        same = DocumentAccess.filter(document_id=document.id, caller=caller.key)
        if from_start or not await same.filter(at__gt=now - ONE_FETCH).exists():
            await DocumentAccess.create(document_id=document.id, caller=caller.key, at=now)

    await unit_of_work(do)
