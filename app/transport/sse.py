"""GraphQL over Server-Sent Events, each operation a request of its own.

The protocol is that of graphql-sse, "distinct connections": events `next` and `complete`.
Every event that moves a cursor carries it as its id; a browser that comes back sends the last as
`Last-Event-ID` (HTML, 9.2), and misses nothing.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

import orjson
import structlog
from graphql import OperationType
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from app.transport.close_codes import CloseCode
from app.transport.connections import Connections, Kind
from app.transport.endpoint import Ask, Caller
from app.transport.errors import RequestError
from app.transport.line import Line
from app.transport.operations import Operation, response, run
from app.transport.socket import ABORT_EXTENSION, Gone
from app.transport.stream import Stream
from realtime.feed_events import Frame

log: FilteringBoundLogger = structlog.get_logger()

MEDIA = "text/event-stream"
BEAT_S = 15.0
"""A comment this often: proxies end what is silent for 30 or 60 seconds."""
RETRY = b"retry: 1000\n\n"
BEAT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"
FAREWELL_S = 1.0


def takes_events(accept: str | None) -> bool:
    """Whether a client names events among what it accepts; a wildcard does not."""
    ranges = [one.split(";") for one in (accept or "").lower().split(",")]
    return any(
        media.strip() == MEDIA and "q=0" not in (one.strip() for one in parameters)
        for media, *parameters in ranges
    )


class EventStream(StreamingResponse):
    """The response to one operation."""

    def __init__(
        self,
        operation: Operation,
        caller: Caller | None,
        ask: Ask,
        cost: dict[str, int],
        connections: Connections,
        last_event_id: str | None,
    ) -> None:
        super().__init__(_nothing(), media_type=MEDIA, headers={"X-Accel-Buffering": "no"})
        self._operation = operation
        self._caller = caller
        self._ask = ask
        self._cost = cost
        self._connections = connections
        self._last_event_id = last_event_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the operation ends, or the client goes, or must."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        line = EventLine(self._operation, self._caller, self._ask, send)
        self._connections.add(line, Kind(self._operation.endpoint.name, "sse"))
        verdict = None
        try:
            verdict = await line.serve(
                line.watch(receive), line.beat(), line.perform(self._cost, self._last_event_id)
            )
        finally:
            self._connections.discard(line, verdict.code if verdict else None)
        if verdict:
            log.info("event stream closed", code=int(verdict.code), reason=verdict.reason)
        abort = scope.get("extensions", {}).get(ABORT_EXTENSION, {}).get("abort")
        await line.farewell()
        if verdict and verdict.code is CloseCode.SLOW and abort:
            abort()


class EventLine(Line):
    """The line of one event stream."""

    def __init__(self, operation: Operation, caller: Caller | None, ask: Ask, send: Send) -> None:
        super().__init__(operation.endpoint.limits, caller)
        self._operation = operation
        self._ask = ask
        self._send = send

    async def send(self, frame: bytes) -> None:
        try:
            await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        except OSError as error:
            raise Gone from error
        if frame is COMPLETE:
            self.end(None)

    async def watch(self, receive: Receive) -> None:
        """Until the client is gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        raise Gone

    async def beat(self) -> None:
        """A sign of life, so that no proxy thinks the line dead."""
        self.put(RETRY)
        while True:
            await asyncio.sleep(BEAT_S)
            self.put(BEAT, "beat")

    async def perform(self, cost: dict[str, int], since: str | None) -> None:
        """Everything the operation has to say, then that it is complete."""
        try:
            if self._operation.kind is OperationType.SUBSCRIPTION:
                await self._follow(since)
            else:
                endpoint = self._operation.endpoint
                context = endpoint.context(self.caller, self._ask, None)
                result = await run(self._operation, context)
                self.put(_next(orjson.dumps(response(result, cost)), None))
        except RequestError as error:
            self.put(_next(orjson.dumps({"errors": error.errors}), None))
        self.put(COMPLETE)

    async def farewell(self) -> None:
        """End the response; one whose end does not come is cut off by the server."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _follow(self, since: str | None) -> None:
        def deliver(payload: bytes, frame: Frame | None) -> None:
            self.put(_next(payload, frame), frame.slot if frame is not None else None)

        stream = Stream(self._operation, self.caller, self._ask, deliver, self.close, since)
        async with aclosing(stream.payloads()) as payloads:
            async for payload, frame in payloads:
                deliver(payload, frame)
                await self.outbox.room()


def _next(payload: bytes, frame: Frame | None) -> bytes:
    """An event; JSON as we write it has no line breaks."""
    cursor = frame.position if frame is not None else None
    id = b"id: %b\n" % cursor.encode() if cursor else b""
    return b"event: next\n%bdata: %b\n\n" % (id, payload)


async def _nothing() -> AsyncGenerator[bytes]:
    """What Starlette would stream: we send by ourselves."""
    for none in ():
        yield none
