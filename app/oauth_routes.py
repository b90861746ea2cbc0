"""`GET /oauth/mail/callback`: where a provider sends an administrator back with their consent.

A page of another's making leads here, so the session cookie alone proves nothing: the state must
be one that this very session began.
"""

from collections.abc import Awaitable, Callable
from html import escape
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from structlog.typing import FilteringBoundLogger

from actions.keys import KeyLost
from actions.refusals import InvalidInput, NotFound, NotPermitted
from mail import consent
from mail.consent import State, StateRefused
from mail.credentials import Reauthorise
from mail.oauth_server import TokenServerTrouble
from models.callers import OperatorCaller
from resolvers.accounts import Account
from resolvers.context import caller_of

log: FilteringBoundLogger = structlog.get_logger()
Identify = Callable[[str], Awaitable[Account | None]]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SAID_LIMIT = 300
SIGN_IN = (
    "Sign in to the desk in this browser, with its session cookie, as whoever began: then begin "
    "again."
)


def oauth_routes(cookie: str, identify: Identify, origin: str) -> list[Route]:
    """`cookie` is that of operators' sessions, `origin` our own address."""

    async def callback(request: Request) -> Response:
        account = await identify(request.cookies.get(cookie, ""))
        if account is None or account.scopes is not None:
            return _page(HTTPStatus.UNAUTHORIZED, "Not signed in", SIGN_IN)
        try:
            return await _completed(request, account, origin)
        except StateRefused as error:
            return _page(HTTPStatus.BAD_REQUEST, "Not accepted", str(error))
        except (Reauthorise, TokenServerTrouble, KeyLost, InvalidInput) as error:
            return _page(HTTPStatus.BAD_GATEWAY, "No consent", str(error))
        except (NotFound, NotPermitted):
            why = "There is no such mailbox, or it is not yours to change."
            return _page(HTTPStatus.FORBIDDEN, "Not permitted", why)

    return [Route(consent.PATH, callback, methods=["GET"], name="mail consent")]


async def _completed(request: Request, account: Account, origin: str) -> Response:
    asked = request.query_params
    state = State.read(asked.get("state", ""))
    if state.session_id != account.session_id:
        raise StateRefused(f"Another session began this. {SIGN_IN}")
    if not asked.get("code"):
        said = asked.get("error_description") or asked.get("error") or "It gave no code."
        return _page(HTTPStatus.BAD_REQUEST, "The provider gave no consent", said[:SAID_LIMIT])
    by = await caller_of(account)
    if not isinstance(by, OperatorCaller):
        raise NotFound
    mailbox = await consent.complete(state, asked["code"], origin, by)
    log.info("mailbox consent given", mailbox=mailbox.id, operator=by.id)
    why = f"{mailbox.address} is connected: this page may be closed."
    return _page(HTTPStatus.OK, "Consent given", why)


def _page(status: HTTPStatus, title: str, text: str) -> Response:
    """A page without script, style or anything to load."""
    content = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></html>"
    )
    return HTMLResponse(content, status, HEADERS)
