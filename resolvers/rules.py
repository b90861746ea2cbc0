"""What a caller must hold for a whole field: scopes of a token, rights of an operator."""

from models.callers import OperatorCaller
from models.enums import Right
from resolvers.context import Context
from resolvers.errors import RequestRefused

FORBIDDEN = "FORBIDDEN"


async def require_scope(context: Context, scope: Right) -> OperatorCaller:
    """The caller, if their token, should it be one, has the scope. Raises RequestRefused."""
    by = await context.operator()
    if by.scopes is not None and not by.scopes & {scope, Right.ADMINISTER}:
        raise RequestRefused(FORBIDDEN, f"This token lacks the scope {scope.name}.")
    return by


async def require_right(context: Context, right: Right) -> OperatorCaller:
    """The caller, if they have the right, and their token the scope. Raises RequestRefused."""
    by = await require_scope(context, right)
    if not by.sight.has(right):
        raise RequestRefused(FORBIDDEN, f"Your profile lacks the right {right.name}.")
    return by


async def require_person(context: Context) -> OperatorCaller:
    """The caller, if they are signed in and no program. Raises RequestRefused."""
    by = await context.operator()
    if by.scopes is not None:
        raise RequestRefused(FORBIDDEN, "Sign in for this: a token may not.")
    return by
