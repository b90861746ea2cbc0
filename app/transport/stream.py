"""A subscription under way: its events, each executed and encoded, for one or for many."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError
from structlog.typing import FilteringBoundLogger

from app.transport.close_codes import CloseCode
from app.transport.endpoint import Ask, Caller
from app.transport.engine import Prepared
from app.transport.errors import Code, RequestError, bug, described, is_deliberate, refused
from app.transport.operations import Operation, response
from app.transport.sharing import Shares, sharing_key
from models.notifications import Notification
from realtime.channel import Unshareable
from realtime.feed_events import Frame

log: FilteringBoundLogger = structlog.get_logger()

RETRY_S = 0.5
"""Before a frame that could not be rendered is tried once more."""

TOLD_ONCE = (Frame, Notification)
"""What is lost to a client that is sent an error in its place."""
Payload = tuple[bytes, Frame | None]
"""A response, encoded, and what it tells of, where that is a frame of the live layer."""
Deliver = Callable[[bytes, Frame | None], None]


class Stream:
    """One subscriber's subscription; to the live layer it is a `Channel`."""

    def __init__(
        self,
        operation: Operation,
        caller: Caller | None,
        ask: Ask,
        deliver: Deliver,
        hang_up: Callable[[CloseCode], None],
        since: str | None = None,
    ) -> None:
        """`deliver` sends a payload, never waiting; `hang_up` ends the connection.

        `since` is the last cursor the client had, when it says so beside the document.
        """
        self.since = since
        self._endpoint = operation.endpoint
        self._caller = caller
        self._ask = ask
        self._operation = operation
        self._prepared: Prepared | None = None
        self._shares: Shares | None = None
        self._deliver = deliver
        self._hang_up = hang_up

    async def payloads(self) -> AsyncGenerator[Payload]:
        """What this subscriber alone is sent, in order; the rest is delivered.

        Raises `RequestError` for what the caller did wrong and for deliberate refusals, whether
        the resolver raises them when called or, being a generator, when first asked for an event;
        anything else that a source raises is a bug and comes out as it is.
        """
        prepared = self._operation.execution.prepare(self._context(self._caller, channel=self))
        if isinstance(prepared, list):
            raise _unopened(prepared)
        self._prepared = prepared
        with self._endpoint.around(self._operation.kind.value, self._operation.name):
            source = await prepared.open()
        if isinstance(source, list):
            raise _unopened(source)
        async with aclosing(_closable(source)) as events:
            try:
                async for event in events:
                    payload = await self.render(event)
                    if payload is None:
                        return
                    yield payload, event if isinstance(event, Frame) else None
            except Exception as error:
                if is_deliberate(error):
                    raise refused(Code(getattr(error, "code", "")), str(error)) from error
                raise

    def deliver(self, payload: bytes, frame: Frame) -> None:
        self._deliver(payload, frame)

    def expire(self) -> None:
        self._hang_up(CloseCode.REVOKED)

    @property
    def key(self) -> Hashable:
        operation = self._operation
        return sharing_key(
            self._endpoint.name, operation.document, operation.node, operation.parameters
        )

    def shares(self, frame: object) -> bool:
        if self._shares is None:
            operation, endpoint = self._operation, self._endpoint
            self._shares = Shares(
                endpoint.schema, endpoint.sharing, operation.document, operation.node
            )
        return self._shares(frame)

    async def render(self, frame: object) -> bytes | None:
        result = await self._execute(frame, self._context(self._caller))
        if isinstance(frame, TOLD_ONCE) and _broken(result):
            await asyncio.sleep(RETRY_S)
            if isinstance(frame, Frame):
                frame.load_anew()
            result = await self._execute(frame, self._context(self._caller))
            if _broken(result):
                # A client that skipped it would have lost it: it shall come back, and resume.
                described(result.errors or ())
                self._hang_up(CloseCode.RESTART)
                return None
        return orjson.dumps(response(result))

    async def render_shared(self, frame: Frame) -> bytes:
        result = await self._execute(frame, self._context(None))
        if result.errors:
            if _broken(result):
                frame.load_anew()
            else:
                log.error("not shareable after all", errors=[str(one) for one in result.errors])
            raise Unshareable
        return orjson.dumps(response(result))

    async def _execute(self, event: object, context: object) -> ExecutionResult:
        if self._prepared is None:
            raise RuntimeError("the stream has not been opened")
        return await self._prepared.execute(event, context)

    def _context(self, caller: Caller | None, channel: "Stream | None" = None) -> Any:
        return self._endpoint.context(caller, self._ask, channel)


def _closable(source: Any) -> AsyncGenerator[Any]:
    """Strawberry's sources are generators, which graphql-core does not promise."""
    return source


def _broken(result: ExecutionResult) -> bool:
    """Whether something went wrong on our side: a database that was away for a moment, a bug."""
    return any(bug(error) is not None for error in result.errors or ())


def _unopened(errors: list[GraphQLError]) -> Exception:
    """What to raise for a subscription that never came to a stream."""
    return bug(errors[0]) or RequestError(described(errors))
