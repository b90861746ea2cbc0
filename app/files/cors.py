"""What pages of other origins may do with files (`api.md`, "Other origins")."""

from starlette.responses import Response

ALLOWED_HEADERS = (
    "Authorization, Content-Type, If-None-Match, If-Range, Range, X-Request-Id, X-Requested-With"
)
EXPOSED_HEADERS = (
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, "
    "WWW-Authenticate, X-Request-Id"
)
PREFLIGHT_SECONDS = 600


def cors_headers(origins: frozenset[str], origin: str | None) -> dict[str, str]:
    """The headers that let any page read the answer, listed ones with cookies."""
    if origin is None:
        return {}
    exposed = {"Access-Control-Expose-Headers": EXPOSED_HEADERS}
    if origin in origins:
        return exposed | {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
        }
    return exposed | {"Access-Control-Allow-Origin": "*"}


def preflight(methods: str) -> Response:
    """The answer to OPTIONS; `cors_headers` are added to it as to any other."""
    return Response(
        status_code=204,
        headers={
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        },
    )
