"""HTTP requests by endpoint and outcome."""

from collections import Counter
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.transport.http import OUTCOME

Requests = Counter[tuple[str, str]]
"""By (path as the route has it, outcome)."""
NO_ROUTE = "none"


class CountedRequests:
    """Around the application: counts every request when its answer is complete."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            outcome = scope.get(OUTCOME) or _outcome(status)
            self._requests[endpoint_of(scope), outcome] += 1


def endpoint_of(scope: Scope) -> str:
    """The path as the route has it: ids and tokens in it are not told."""
    return getattr(scope.get("route"), "path", NO_ROUTE)


def _outcome(status: int) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return "ok"
    return "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
