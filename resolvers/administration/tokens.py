"""API tokens: one's own, and everybody's for administrators."""

from datetime import datetime

from actions.administration import tokens
from actions.administration.tokens import CreateToken, NewToken
from models.callers import OperatorCaller
from models.enums import Right
from models.sessions import Session
from resolvers.context import Context

__all__ = ["CreateToken", "NewToken"]


async def create(context: Context, request: CreateToken) -> NewToken:
    return await tokens.create(request, by=await context.operator())


async def revoke(context: Context, id: int) -> Session:
    return await tokens.revoke(id, by=await context.operator())


async def own(context: Context) -> list[Session]:
    """The caller's, the latest first."""
    return await context.loaders.api_tokens.load((await context.operator()).id)


async def token(by: OperatorCaller, id: int) -> Session | None:
    """A token, if it is the caller's own, or they administer."""
    found = await Session.get_or_none(id=id, scopes__isnull=False)
    if found is None or by.sight.has(Right.ADMINISTER):
        return found
    return found if by.scopes is None and found.operator_id == by.id else None


def last_used(token: Session) -> datetime | None:
    """When a request or a connection last began with it, to five minutes; None before the first."""
    return token.used_at if token.used_at > token.created_at else None
