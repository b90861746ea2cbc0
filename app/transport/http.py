"""GraphQL over HTTP, to the letter of the specification of September 2026."""

from dataclasses import replace
from uuid import uuid4

import orjson
import structlog
from graphql import ExecutionResult, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from strawberry.http.ides import get_graphql_ide_html
from structlog.typing import FilteringBoundLogger

from app.transport.ask import ask_of
from app.transport.bucket import Bucket
from app.transport.connections import Connections
from app.transport.cors import cors_headers, preflight
from app.transport.credentials import identify_request
from app.transport.endpoint import Ask, Caller, Endpoint
from app.transport.errors import Code, RequestError, masked, refused
from app.transport.negotiation import Media, is_json, negotiated
from app.transport.operations import Operation, charge, prepare, response, run
from app.transport.parameters import Malformed, Parameters, from_json, from_query_string
from app.transport.sse import EventStream, takes_events

log: FilteringBoundLogger = structlog.get_logger()

OUTCOME = "sportello.outcome"
"""In the scope of a request: how it went, in a word, when its status does not say it."""

# Data and errors together, by the specification; clients see a 2xx and read the body.
PARTIAL_SUCCESS = 294
STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.COST_EXCEEDED: 400,
    Code.RATE_LIMITED: 429,
    Code.BAD_REQUEST: 400,
    Code.INTERNAL: 500,
}


def http_route(endpoint: Endpoint, bucket: Bucket, connections: Connections) -> Route:
    """The route of an endpoint for HTTP, events included; it answers every method itself."""
    application = GraphQLOverHTTP(endpoint, bucket, connections)
    return Route(endpoint.path, application, name=f"{endpoint.name}-http")


class GraphQLOverHTTP:
    """The ASGI application of one endpoint."""

    def __init__(self, endpoint: Endpoint, bucket: Bucket, connections: Connections) -> None:
        self._endpoint = endpoint
        self._bucket = bucket
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        ask = ask_of(request, live=False)
        names = {"request_id": ask.request_id, "endpoint": self._endpoint.name}
        with structlog.contextvars.bound_contextvars(**names):
            answer = await self._answer(request, ask)
            answer.headers.update(cors_headers(self._endpoint, ask.origin))
            answer.headers["Vary"] = "Accept, Authorization, Cookie, Origin"
            answer.headers["Cache-Control"] = "no-store"
            answer.headers["X-Request-Id"] = ask.request_id
            await answer(scope, receive, send)

    async def _answer(self, request: Request, ask: Ask) -> Response:
        if request.method == "OPTIONS":
            return preflight(self._endpoint, request)
        accept = request.headers.get("accept")
        if self._endpoint.explorer and _is_for_a_person(request, accept):
            return HTMLResponse(get_graphql_ide_html())
        media = negotiated(accept)
        try:
            return await self._respond(request, ask, media)
        except RequestError as error:
            request.scope[OUTCOME] = error.code.lower()
            return _failed(error, media or Media.GRAPHQL)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except Exception:
            number = str(uuid4())
            request.scope[OUTCOME] = Code.INTERNAL.lower()
            log.exception("internal error", incident=number)
            return _failed(RequestError([masked(number)], status=500), media or Media.JSON)

    async def _respond(self, request: Request, ask: Ask, media: Media | None) -> Response:
        events = takes_events(request.headers.get("accept"))
        _check_headers(request, media, events=events)
        caller = await identify_request(self._endpoint, request)
        parameters = await self._parameters(request)
        operation = prepare(self._endpoint, caller, parameters)
        # Who takes JSON as well, as urql does, gets events where there is no other way.
        events = events and (media is None or operation.kind is OperationType.SUBSCRIPTION)
        _check_kind(operation, request.method, events=events)
        cost = await charge(operation, self._bucket, caller, ask)
        if events:
            ask = replace(ask, live=True)
            last = request.headers.get("last-event-id")
            request.scope[OUTCOME] = "ok"
            return EventStream(operation, caller, ask, cost, self._connections, last)
        answer, partial = await self._execute(operation, caller, ask, cost, media or Media.JSON)
        request.scope[OUTCOME] = "partial" if partial else "ok"
        return answer

    async def _parameters(self, request: Request) -> Parameters:
        limit = self._endpoint.limits.body
        try:
            if request.method == "POST":
                return from_json(orjson.loads(await _body(request, limit)))
            if len(request.url.query) > limit:
                raise refused(Code.BAD_REQUEST, "The address is too long: use POST.", status=414)
            return from_query_string(request.query_params)
        except orjson.JSONDecodeError as error:
            raise refused(Code.BAD_REQUEST, "The body is not JSON.", status=400) from error
        except Malformed as error:
            raise refused(Code.BAD_REQUEST, str(error), status=400) from error

    async def _execute(
        self,
        operation: Operation,
        caller: Caller | None,
        ask: Ask,
        cost: dict[str, int],
        media: Media,
    ) -> tuple[Response, bool]:
        """The answer, and whether there are errors in it, whatever its status says."""
        context = self._endpoint.context(caller, ask, None)
        result = await run(operation, context)
        answer = _encoded(response(result, cost), _status(result, media), media)
        for cookie in getattr(context, "cookies", ()):
            answer.headers.append("Set-Cookie", cookie)
        return answer, bool(result.errors)


def _is_for_a_person(request: Request, accept: str | None) -> bool:
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in (accept or "")
    )


def _check_headers(request: Request, media: Media | None, *, events: bool) -> None:
    if request.method not in ("GET", "POST"):
        raise refused(
            Code.BAD_REQUEST,
            "Use POST, or GET to read.",
            status=405,
            headers={"Allow": "GET, POST, OPTIONS"},
        )
    if media is None and not events:
        raise refused(Code.BAD_REQUEST, f"The answer can be {' or '.join(Media)}.", status=406)
    if request.method == "POST" and not is_json(request.headers.get("content-type")):
        raise refused(
            Code.BAD_REQUEST,
            "Send the request as JSON in UTF-8, with Content-Type: application/json.",
            status=415,
            headers={"Accept-Post": "application/json; charset=utf-8"},
        )


def _check_kind(operation: Operation, method: str, *, events: bool) -> None:
    if operation.kind is OperationType.SUBSCRIPTION and not events:
        raise refused(
            Code.BAD_REQUEST,
            "Subscriptions are served over websockets, as graphql-transport-ws, "
            "and as Server-Sent Events: Accept: text/event-stream.",
        )
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise refused(
            Code.BAD_REQUEST, "GET only reads: use POST.", status=405, headers={"Allow": "POST"}
        )


async def _body(request: Request, limit: int) -> bytes:
    """The body, of which no more is read than is allowed."""
    announced = request.headers.get("content-length", "")
    body = bytearray()
    if not announced.isdecimal() or int(announced) <= limit:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                break
        else:
            return bytes(body)
    raise refused(Code.BAD_REQUEST, f"The body is larger than {limit} bytes.", status=413)


def _status(result: ExecutionResult, media: Media) -> int:
    return PARTIAL_SUCCESS if result.errors and media is Media.GRAPHQL else 200


def _failed(error: RequestError, media: Media) -> Response:
    """The answer to a request that was not executed.

    As `application/json` a well-formed request is always answered 200 (Appendix A), so that
    clients can tell us from a proxy; what HTTP itself objects to keeps its status.
    """
    status = error.status or (STATUS[error.code] if media is Media.GRAPHQL else 200)
    answer = _encoded({"errors": error.errors}, status, media)
    answer.headers.update(error.headers)
    return answer


def _encoded(body: dict[str, object], status: int, media: Media) -> Response:
    return Response(orjson.dumps(body), status, media_type=f"{media}; charset=utf-8")
