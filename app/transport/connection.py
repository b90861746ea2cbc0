"""One connection of `graphql-transport-ws`: its state and its operations."""

import asyncio
from contextlib import aclosing

import orjson
from graphql import OperationType
from starlette.requests import HTTPConnection

from app.transport import frames
from app.transport.bucket import Bucket
from app.transport.close_codes import CloseCode
from app.transport.credentials import identify_socket
from app.transport.endpoint import Ask, BadCredential, Endpoint
from app.transport.errors import Code, RequestError, refused
from app.transport.line import Line, Verdict
from app.transport.operations import Operation, charge, prepare, response, run
from app.transport.parameters import Malformed, Parameters
from app.transport.socket import Socket
from app.transport.stream import Stream
from realtime.feed_events import Frame


class Connection(Line):
    """A client that has shaken hands."""

    def __init__(
        self,
        endpoint: Endpoint,
        bucket: Bucket,
        ask: Ask,
        handshake: HTTPConnection,
        socket: Socket,
    ) -> None:
        super().__init__(endpoint.limits)
        self._endpoint = endpoint
        self._bucket = bucket
        self._ask = ask
        self._handshake = handshake
        self._socket = socket
        self._introduced = False
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def converse(self) -> Verdict | None:
        """Speak the protocol until the connection ends."""
        timeout = asyncio.get_running_loop().call_later(
            self._endpoint.limits.init_timeout, self._expect_introduction
        )
        try:
            return await self.serve(self._read())
        finally:
            timeout.cancel()

    async def send(self, frame: bytes) -> None:
        await self._socket.send(frame)

    def write(self, frame: bytes) -> bool:
        return self._socket.write(frame)

    def _expect_introduction(self) -> None:
        if not self._acknowledged:
            self.close(CloseCode.INIT_TIMEOUT)

    async def _read(self) -> None:
        while not self.over:
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
            task = self.spawn(self._operate(message.id, message.parameters))
            self._operations[message.id] = task

    def _handle_complete(self, message: frames.Complete) -> None:
        task = self._operations.pop(message.id, None)
        if task:
            task.cancel()

    async def _operate(self, id: str, parameters: Parameters) -> None:
        try:
            await self._perform(id, parameters)
            last = frames.complete(id)
        except RequestError as error:
            last = frames.error(id, error.errors)
        # The id is free as soon as the client reads the last frame; if the client freed it first,
        # it may be another's already.
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]
            self.put(last)

    async def _perform(self, id: str, parameters: Parameters) -> None:
        operation = prepare(self._endpoint, self.caller, parameters)
        cost = await charge(operation, self._bucket, self.caller, self._ask)
        if operation.kind is OperationType.SUBSCRIPTION:
            await self._follow(id, operation)
            return
        result = await run(operation, self._endpoint.context(self.caller, self._ask, None))
        self.put(frames.next_(id, orjson.dumps(response(result, cost))))
        await self.outbox.room()

    async def _follow(self, id: str, operation: Operation) -> None:
        head = frames.next_head(id)

        def deliver(payload: bytes, frame: Frame | None) -> None:
            slot = frame.slot if frame is not None else None
            self.put(head + payload + b"}", None if slot is None else (id, slot))

        stream = Stream(operation, self.caller, self._ask, deliver, self.close)
        async with aclosing(stream.payloads()) as payloads:
            async for payload, frame in payloads:
                deliver(payload, frame)
                await self.outbox.room()
