"""Sign-in and sign-out, with the cookie where it was asked for."""

from datetime import datetime

from actions import sessions
from actions.contacts import ADDRESS_LIMIT
from actions.sessions import CONTACT_SESSION, OPERATOR_SESSION, SignedIn
from models.sql import clock
from resolvers.context import Context
from resolvers.errors import RequestRefused

__all__ = ["SignedIn"]


async def sign_in_operator(
    context: Context, email: str, password: str, *, cookie: bool
) -> SignedIn:
    """Raises InvalidCredentials, TooManyAttempts."""
    _check_wire(context, cookie=cookie)
    signed_in = await sessions.sign_in_operator(_tidy(email), password, context.origin.address)
    if cookie:
        _set_cookie(context, signed_in.token, int(OPERATOR_SESSION.total_seconds()))
    return signed_in


async def sign_in_contact(context: Context, email: str, password: str, *, cookie: bool) -> SignedIn:
    """Raises InvalidCredentials, TooManyAttempts."""
    _check_wire(context, cookie=cookie)
    signed_in = await sessions.sign_in_contact(_tidy(email), password, context.origin.address)
    if cookie:
        _set_cookie(context, signed_in.token, int(CONTACT_SESSION.total_seconds()))
    return signed_in


async def sign_out(context: Context) -> datetime:
    """End the session, if there is one, and take the cookie back. Raises RequestRefused."""
    if context.account is not None and context.account.scopes is not None:
        raise RequestRefused("FORBIDDEN", "A token does not sign out: revoke it, apiTokenRevoke.")
    _set_cookie(context, "", 0)
    if context.account is None:
        return await clock()
    return await sessions.sign_out(context.account.session_id)


def _tidy(email: str) -> str:
    """What is longer than any address is nobody's; the tables would refuse to look for it."""
    return email if len(email) <= ADDRESS_LIMIT else ""


def _check_wire(context: Context, *, cookie: bool) -> None:
    if cookie and context.origin.live:
        raise RequestRefused("BAD_REQUEST", "A websocket cannot set a cookie: sign in over HTTP.")


def _set_cookie(context: Context, token: str, lifetime_s: int) -> None:
    context.cookies.append(context.services.set_cookie(token, lifetime_s))
