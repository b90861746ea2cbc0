"""The routes `/files` and `/files/{id}`: every answer, refusals too, readable across origins."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.files.cors import cors_headers, preflight
from app.files.deps import FileDeps
from app.files.download import download
from app.files.errors import Code, FileError, masked, refused
from app.files.upload import receive
from app.transport.ask import ask_of

log: FilteringBoundLogger = structlog.get_logger()
Handler = Callable[[FileDeps, Request], Awaitable[Response]]


def file_routes(deps: FileDeps, more: Mapping[str, Handler] | None = None) -> list[Route]:
    """Uploads and downloads; `more` are other downloads, by path."""
    return [
        Route("/files", FileEndpoint(deps, {"POST": receive}), name="uploads"),
        *(
            Route(path, FileEndpoint(deps, {"GET": handler}), name=path)
            for path, handler in (more or {}).items()
        ),
        Route("/files/{id}", FileEndpoint(deps, {"GET": download, "HEAD": download}), name="files"),
    ]


class FileEndpoint:
    """The ASGI application of one path; it answers every method itself."""

    def __init__(self, deps: FileDeps, handlers: Mapping[str, Handler]) -> None:
        self._deps = deps
        self._handlers = handlers
        self._methods = ", ".join((*handlers, "OPTIONS"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        ask = ask_of(request, live=False)
        with structlog.contextvars.bound_contextvars(request_id=ask.request_id, endpoint="files"):
            answer = await self._answer(request)
        answer.headers.update(cors_headers(self._deps.origins, ask.origin))
        answer.headers["Vary"] = "Authorization, Cookie, Origin"
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers["X-Request-Id"] = ask.request_id
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight(self._methods)
        try:
            return await self._handler(request.method)(self._deps, request)
        except FileError as error:
            return error.answer()
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except Exception:
            number = str(uuid4())
            log.exception("internal error", incident=number)
            return masked(number).answer()

    def _handler(self, method: str) -> Handler:
        if method not in self._handlers:
            raise refused(
                Code.METHOD_NOT_ALLOWED,
                f"Use {self._methods}.",
                headers={"Allow": self._methods},
            )
        return self._handlers[method]
