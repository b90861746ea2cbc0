"""One connection of `graphql-transport-ws`: its state, its operations, its end.

Everything that ends a connection sets the verdict, once: a close code, or nothing when the
client went by itself. `serve` waits for it and takes every task down with it.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import HTTPConnection

from app.transport import frames
from app.transport.bucket import Bucket
from app.transport.close_codes import CloseCode
from app.transport.credentials import identify_socket
from app.transport.endpoint import Ask, BadCredential, Caller, Endpoint
from app.transport.errors import Code, RequestError, incident, refused
from app.transport.operations import charge, events, prepare, response, run
from app.transport.outbox import Outbox, Overflow
from app.transport.parameters import Malformed, Parameters
from app.transport.socket import Gone, Socket


@dataclass(frozen=True)
class Verdict:
    """How a connection ends, when it is we who end it."""

    code: CloseCode
    reason: str


class Connection:
    """A client that has shaken hands; `caller` is known once it has introduced itself."""

    def __init__(
        self,
        endpoint: Endpoint,
        bucket: Bucket,
        ask: Ask,
        handshake: HTTPConnection,
        socket: Socket,
    ) -> None:
        self.caller: Caller | None = None
        self._endpoint = endpoint
        self._bucket = bucket
        self._ask = ask
        self._handshake = handshake
        self._socket = socket
        self._outbox = Outbox(endpoint.limits.queued_frames, endpoint.limits.queued_bytes)
        self._introduced = False
        self._acknowledged = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._verdict: asyncio.Future[Verdict | None] = asyncio.get_running_loop().create_future()

    @property
    def waiting(self) -> int:
        """Frames that are not sent yet."""
        return len(self._outbox)

    async def serve(self) -> Verdict | None:
        """Speak the protocol until the connection ends; no task outlives it."""
        timeout = asyncio.get_running_loop().call_later(
            self._endpoint.limits.init_timeout, self._expect_introduction
        )
        try:
            self._spawn(self._read())
            self._spawn(self._pump())
            return await self._verdict
        finally:
            timeout.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self, code: CloseCode, reason: str | None = None) -> None:
        """End the connection soon; the first reason stands."""
        self._end(Verdict(code, reason or code.reason))

    def put(self, frame: bytes, slot: Hashable | None = None) -> None:
        """Send a frame in its turn; with a slot it replaces an unsent one (`Outbox`)."""
        try:
            self._outbox.put(frame, slot)
        except Overflow:
            self.close(CloseCode.SLOW)

    def _end(self, verdict: Verdict | None) -> None:
        if not self._verdict.done():
            self._verdict.set_result(verdict)

    def _expect_introduction(self) -> None:
        if not self._acknowledged:
            self.close(CloseCode.INIT_TIMEOUT)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        """A bug in a task must not look like an end to the client: it shall come back."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Gone):
            self._end(None)
        elif error:
            incident(error)
            self.close(CloseCode.RESTART)

    async def _pump(self) -> None:
        """The only writer: a client that is slow waits for nobody but itself."""
        while True:
            frame = await self._outbox.take()
            try:
                async with asyncio.timeout(self._endpoint.limits.stall_timeout):
                    await self._socket.send(frame)
            except TimeoutError:
                self.close(CloseCode.SLOW)
                return

    async def _read(self) -> None:
        while not self._verdict.done():
            data = await self._socket.receive()
            try:
                message = frames.parse(data)
            except Malformed as error:
                self.close(CloseCode.BAD_REQUEST, str(error))
                return
            await self._handle(message)

    async def _handle(self, message: frames.Message) -> None:
        match message:
            case frames.ConnectionInit():
                await self._handle_connection_init(message)
            case frames.Ping():
                self.put(frames.pong(message.payload))
            case frames.Pong():
                pass
            case frames.Subscribe():
                self._handle_subscribe(message)
            case frames.Complete():
                self._handle_complete(message)

    async def _handle_connection_init(self, message: frames.ConnectionInit) -> None:
        if self._introduced:
            self.close(CloseCode.TOO_MANY_INITS)
            return
        self._introduced = True
        try:
            self.caller = await identify_socket(self._endpoint, self._handshake, message.payload)
        except BadCredential:
            self.close(CloseCode.UNAUTHORIZED)
            return
        self._acknowledged = True
        self.put(frames.connection_ack())

    def _handle_subscribe(self, message: frames.Subscribe) -> None:
        if not self._acknowledged:
            self.close(CloseCode.UNAUTHORIZED)
        elif message.id in self._operations:
            self.close(CloseCode.DUPLICATE_ID, f"Subscriber for {message.id} already exists")
        elif len(self._operations) >= self._endpoint.limits.operations:
            most = self._endpoint.limits.operations
            error = refused(Code.RATE_LIMITED, f"At most {most} operations on a connection.")
            self.put(frames.error(message.id, error.errors))
        else:
            task = self._spawn(self._operate(message.id, message.parameters))
            self._operations[message.id] = task

    def _handle_complete(self, message: frames.Complete) -> None:
        task = self._operations.pop(message.id, None)
        if task:
            task.cancel()

    async def _operate(self, id: str, parameters: Parameters) -> None:
        try:
            async with aclosing(self._responses(parameters)) as responses:
                async for body in responses:
                    self.put(frames.next_(id, body))
                    await self._outbox.room()
            last = frames.complete(id)
        except RequestError as error:
            last = frames.error(id, error.errors)
        # The id is free as soon as the client reads the last frame.
        del self._operations[id]
        self.put(last)

    async def _responses(self, parameters: Parameters) -> AsyncGenerator[bytes, None]:
        operation = prepare(self._endpoint, self.caller, parameters)
        cost = await charge(operation, self._bucket, self.caller, self._ask)
        context = partial(self._endpoint.context, self.caller, self._ask)
        if operation.kind is OperationType.SUBSCRIPTION:
            async with aclosing(events(operation, context)) as results:
                async for result in results:
                    yield orjson.dumps(response(result))
        else:
            result = await run(operation, context())
            yield orjson.dumps(response(result, cost))
