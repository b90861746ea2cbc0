"""Who is asking: a bearer token, or a cookie that a foreign page cannot have sent.

A cookie travels by itself, so a request that carries one must come from our own pages or
from listed origins. With an `Origin` it is checked. Without one, a POST is safe because its
JSON content type needs a preflight; a GET, though it only reads, must show by
`Sec-Fetch-Site` or `X-Requested-With` that no foreign page made it. A websocket knows no
preflight and needs an `Origin`.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request

from app.transport.endpoint import BadCredential, Caller, Endpoint
from app.transport.errors import Code, RequestError, refused

REQUESTED_WITH = "sportello"


async def identify_request(endpoint: Endpoint, request: Request) -> Caller | None:
    """The caller of an HTTP request, `None` without a credential; raises `RequestError`."""
    cookie = request.cookies.get(endpoint.cookie)
    authorization = request.headers.get("authorization")
    try:
        if authorization is not None:
            return await endpoint.identify(_bearer(authorization))
        if cookie is None:
            return None
        if not _from_our_page(endpoint, request):
            raise refused(Code.FORBIDDEN, "This origin may not use the session cookie.", status=403)
        return await endpoint.identify(cookie)
    except BadCredential as bad:
        stale = authorization is None
        raise _unauthenticated(endpoint.cookie if stale else None) from bad


async def identify_socket(
    endpoint: Endpoint, handshake: HTTPConnection, payload: Mapping[str, object]
) -> Caller | None:
    """The caller of a websocket, `None` without a credential; raises `BadCredential`.

    `payload` is that of `connection_init`; its `authorization`, in any case, goes first.
    """
    for key, value in payload.items():
        if key.lower() == "authorization":
            return await endpoint.identify(_bearer(value))
    cookie = handshake.cookies.get(endpoint.cookie)
    if cookie is None:
        return None
    origin = handshake.headers.get("origin")
    if origin is None or not is_own_or_listed(endpoint, handshake, origin):
        raise BadCredential
    return await endpoint.identify(cookie)


def is_own_or_listed(endpoint: Endpoint, connection: HTTPConnection, origin: str) -> bool:
    """Whether a page of this origin may use cookies.

    The scheme is not compared: behind a proxy that ends TLS we do not know our own.
    """
    if origin in endpoint.origins:
        return True
    host = urlsplit(origin).netloc.lower()
    return bool(host) and host == connection.headers.get("host", "").lower()


def _from_our_page(endpoint: Endpoint, request: Request) -> bool:
    origin = request.headers.get("origin")
    if origin is not None:
        return is_own_or_listed(endpoint, request, origin)
    return (
        request.method == "POST"
        or request.headers.get("sec-fetch-site") in ("same-origin", "none")
        or request.headers.get("x-requested-with") == REQUESTED_WITH
    )


def _bearer(value: object) -> str:
    scheme, _, token = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise BadCredential
    return token.strip()


def _unauthenticated(stale_cookie: str | None) -> RequestError:
    """401; a cookie that no longer works is taken away, as no script could, HttpOnly as it is."""
    headers = {"WWW-Authenticate": "Bearer"}
    if stale_cookie:
        secure = " Secure;" if stale_cookie.startswith("__") else ""
        headers["Set-Cookie"] = (
            f"{stale_cookie}=; Path=/; Max-Age=0; HttpOnly;{secure} SameSite=Lax"
        )
    return refused(
        Code.UNAUTHENTICATED, "The credential is not valid.", status=401, headers=headers
    )
