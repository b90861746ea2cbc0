"""`/metrics`: for who has the token, or without one for programs on this machine."""

from hmac import compare_digest
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.metrics.collector import DeskCollector
from app.metrics.sources import Sources

OF_PROXIES = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
)
"""What a proxy adds: a request that has come to us from this machine may be anybody's."""


def metrics_route(sources: Sources, token: str) -> Route:
    """With a registry of its own: there may be several applications in a process."""
    registry = CollectorRegistry()
    registry.register(DeskCollector(sources))
    ProcessCollector(registry=registry)

    async def metrics(request: Request) -> Response:
        if token and not _knows(request, token):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        if not token and not _is_near(request):
            return Response("Not Found", 404, media_type="text/plain")
        return Response(
            generate_latest(registry),
            media_type=CONTENT_TYPE_PLAIN_0_0_4,
            headers={"Cache-Control": "no-store"},
        )

    return Route("/metrics", metrics, methods=["GET"])


def _knows(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())


def _is_near(request: Request) -> bool:
    """Whether a program on this machine asks, without a proxy in between that says so."""
    if request.client is None or any(name in request.headers for name in OF_PROXIES):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
