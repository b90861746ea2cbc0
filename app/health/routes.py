"""`/health/live` and `/health/ready`, for whoever starts processes and sends requests to them."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.health.readiness import Readiness, Status

NO_STORE = {"Cache-Control": "no-store"}


def health_routes(readiness: Readiness) -> list[Route]:
    """Both, without credentials: they tell nothing that helps to break in."""

    async def live(_request: Request) -> Response:
        return _said({"status": Status.OK}, 200)

    async def ready(_request: Request) -> Response:
        report = await readiness.report()
        return _said(report.body(), 503 if report.status is Status.UNAVAILABLE else 200)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
    ]


def _said(body: dict[str, object], status: int) -> Response:
    return Response(
        orjson.dumps(body), status, media_type="application/json", headers=dict(NO_STORE)
    )
