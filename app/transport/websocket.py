"""GraphQL over websockets: the handshake, then a `Connection` until it ends."""

import structlog
from starlette.requests import HTTPConnection
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.transport.ask import ask_of
from app.transport.bucket import Bucket
from app.transport.close_codes import CloseCode
from app.transport.connection import Connection
from app.transport.connections import Connections, Kind
from app.transport.credentials import is_own_or_listed
from app.transport.endpoint import Ask, Endpoint
from app.transport.frames import SUBPROTOCOL
from app.transport.socket import Gone, Socket

log: FilteringBoundLogger = structlog.get_logger()


def websocket_route(endpoint: Endpoint, bucket: Bucket, connections: Connections) -> WebSocketRoute:
    """The route of an endpoint for websockets, at the same path as for HTTP."""
    application = GraphQLOverWebSocket(endpoint, bucket, connections)
    return WebSocketRoute(endpoint.path, application, name=f"{endpoint.name}-websocket")


class GraphQLOverWebSocket:
    """The ASGI application of one endpoint."""

    def __init__(self, endpoint: Endpoint, bucket: Bucket, connections: Connections) -> None:
        self._endpoint = endpoint
        self._bucket = bucket
        self._connections = connections
        self._kind = Kind(endpoint.name, "websocket")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handshake = HTTPConnection(scope)
        socket = Socket(scope, receive, send)
        ask = ask_of(handshake, live=True)
        names = {"request_id": ask.request_id, "endpoint": self._endpoint.name}
        with structlog.contextvars.bound_contextvars(**names):
            try:
                await self._welcome(handshake, socket, ask)
            except Gone:
                log.info("websocket gone", during="handshake")

    async def _welcome(self, handshake: HTTPConnection, socket: Socket, ask: Ask) -> None:
        if not self._may_connect(handshake, ask.origin):
            log.info("websocket refused", origin=ask.origin)
            await socket.reject()
        elif SUBPROTOCOL not in handshake.scope.get("subprotocols", ()):
            await socket.accept(None, ask.request_id)
            self._connections.note_closed(self._kind, CloseCode.SUBPROTOCOL)
            await socket.close(CloseCode.SUBPROTOCOL, CloseCode.SUBPROTOCOL.reason)
        else:
            await socket.accept(SUBPROTOCOL, ask.request_id)
            await self._serve(handshake, socket, ask)

    async def _serve(self, handshake: HTTPConnection, socket: Socket, ask: Ask) -> None:
        connection = Connection(self._endpoint, self._bucket, ask, handshake, socket)
        self._connections.add(connection, self._kind)
        verdict = None
        try:
            verdict = await connection.converse()
        finally:
            self._connections.discard(connection, verdict.code if verdict else None)
        if verdict:
            log.info("websocket closed", code=int(verdict.code), reason=verdict.reason)
            await socket.close(verdict.code, verdict.reason)

    def _may_connect(self, handshake: HTTPConnection, origin: str | None) -> bool:
        """Whether pages of this origin may connect at all; programs send no origin."""
        if origin is None or self._endpoint.any_origin:
            return True
        return is_own_or_listed(self._endpoint, handshake, origin)
