"""Who sends or fetches a file: a bearer token, or a cookie that no foreign page made use of."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import Request

from app.files.deps import FileDeps
from app.files.errors import Code, FileError, refused
from app.transport.credentials import REQUESTED_WITH
from app.transport.endpoint import BadCredential
from models.callers import Caller, OperatorCaller
from models.enums import Right


async def caller_of(deps: FileDeps, request: Request) -> Caller:
    """The caller of a request. Raises FileError, 401 or 403.

    `?as=operator` or `?as=contact` says which cookie is meant where a browser has both.
    """
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return await _first_valid(deps, [_bearer(authorization)])
    meant = request.query_params.get("as")
    sent = {
        kind: request.cookies[name]
        for kind, name in deps.cookies.items()
        if meant in (None, kind) and name in request.cookies
    }
    if not sent:
        raise _unauthenticated("Send a session token as Authorization: Bearer, or its cookie.")
    ours = [token for kind, token in sent.items() if _is_our_page(deps.origins_for(kind), request)]
    _require_our_page(request, ours)
    return await _first_valid(deps, ours)


def require_scope(caller: Caller, scope: Right) -> None:
    """A token must have it. Raises FileError, 403."""
    held = caller.scopes if isinstance(caller, OperatorCaller) else None
    if held is not None and not held & {scope, Right.ADMINISTER}:
        raise refused(Code.FORBIDDEN, f"This token lacks the scope {scope.name}.")


async def _first_valid(deps: FileDeps, tokens: Sequence[str]) -> Caller:
    for token in tokens:
        try:
            return await deps.identify(token)
        except BadCredential:
            continue
    raise _unauthenticated("The credential is not valid.")


def _require_our_page(request: Request, ours: Sequence[str]) -> None:
    if not ours:
        raise refused(Code.FORBIDDEN, "This origin may not use the session cookie.")
    if request.method == "POST" and request.headers.get("x-requested-with") != REQUESTED_WITH:
        raise refused(
            Code.FORBIDDEN,
            f"With a cookie, uploads need the header X-Requested-With: {REQUESTED_WITH}.",
        )


def _is_our_page(listed: frozenset[str], request: Request) -> bool:
    """A cookie travels by itself: whether a page of ours, or a listed one, sent it.

    A link from elsewhere may lead to a file; embedding it may not.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return (
            request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
            or request.headers.get("sec-fetch-mode") == "navigate"
        )
    # The scheme is not compared: behind a proxy that ends TLS we do not know our own.
    host = urlsplit(origin).netloc.lower()
    return origin in listed or (bool(host) and host == request.headers.get("host", "").lower())


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("Write Authorization: Bearer and the token.")
    return token.strip()


def _unauthenticated(message: str) -> FileError:
    return refused(Code.UNAUTHENTICATED, message, headers={"WWW-Authenticate": "Bearer"})
