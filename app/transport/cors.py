"""What pages of other origins may do (`api.md`, "Other origins")."""

from starlette.requests import Request
from starlette.responses import Response

from app.transport.endpoint import Endpoint

ALLOWED_METHODS = "GET, POST"
ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID, X-Request-Id, X-Requested-With"
EXPOSED_HEADERS = "Retry-After, WWW-Authenticate, X-Request-Id"
PREFLIGHT_SECONDS = 600


def cors_headers(endpoint: Endpoint, origin: str | None) -> dict[str, str]:
    """The headers that let a page of `origin` read the answer; without cookies unless listed."""
    if origin is None:
        return {}
    if origin in endpoint.origins:
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        }
    if endpoint.any_origin:
        return {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        }
    return {}


def preflight(endpoint: Endpoint, request: Request) -> Response:
    """The answer to OPTIONS; `cors_headers` are added to it as to any other."""
    response = Response(status_code=204, headers={"Allow": "GET, POST, OPTIONS"})
    if cors_headers(endpoint, request.headers.get("origin")):
        response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response
