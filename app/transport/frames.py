"""The messages of `graphql-transport-ws`: read with suspicion, written as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.transport.errors import WireError
from app.transport.parameters import Malformed, Parameters, from_json, is_object

SUBPROTOCOL = "graphql-transport-ws"
# The id comes back in every frame of its operation.
LONGEST_ID = 255


@dataclass(frozen=True)
class ConnectionInit:
    payload: Mapping[str, object]


@dataclass(frozen=True)
class Ping:
    payload: Mapping[str, object] | None


@dataclass(frozen=True)
class Pong:
    pass


@dataclass(frozen=True)
class Subscribe:
    id: str
    parameters: Parameters


@dataclass(frozen=True)
class Complete:
    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def parse(data: str | bytes) -> Message:
    """The message in a frame; raises `Malformed`, whose text goes into the close reason."""
    if isinstance(data, bytes):
        raise Malformed("Binary frames are not supported")
    try:
        frame: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed("The frame is not JSON") from error
    if not is_object(frame):
        raise Malformed("The frame must be a JSON object")
    return _message(frame)


def _message(frame: dict[str, Any]) -> Message:
    match frame.get("type"):
        case "connection_init":
            return ConnectionInit(_payload(frame) or {})
        case "ping":
            return Ping(_payload(frame))
        case "pong":
            _payload(frame)
            return Pong()
        case "subscribe":
            return Subscribe(_id(frame), _parameters(frame))
        case "complete":
            return Complete(_id(frame))
        case str():
            raise Malformed("The message type is unknown")
        case _:
            raise Malformed('"type" must be a string')


def _payload(frame: dict[str, Any]) -> dict[str, Any] | None:
    payload: object = frame.get("payload")
    if payload is None or is_object(payload):
        return payload
    raise Malformed('"payload" must be an object')


def _parameters(frame: dict[str, Any]) -> Parameters:
    payload: object = frame.get("payload")
    if not is_object(payload):
        raise Malformed('"payload" must be an object')
    return from_json(payload)


def _id(frame: dict[str, Any]) -> str:
    found: object = frame.get("id")
    if not isinstance(found, str) or not found:
        raise Malformed('"id" must be a string that is not empty')
    if len(found) > LONGEST_ID:
        raise Malformed('"id" is too long')
    return found


def connection_ack() -> bytes:
    return b'{"type":"connection_ack"}'


def pong(payload: Mapping[str, object] | None) -> bytes:
    return orjson.dumps(
        {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
    )


def next_(id: str, payload: bytes) -> bytes:
    """A result."""
    return next_head(id) + payload + b"}"


def next_head(id: str) -> bytes:
    """All of a result but the payload, which may have been encoded once for many, and a brace."""
    return b'{"id":%b,"type":"next","payload":' % orjson.dumps(id)


def error(id: str, errors: list[WireError]) -> bytes:
    return orjson.dumps({"id": id, "type": "error", "payload": errors})


def complete(id: str) -> bytes:
    return orjson.dumps({"id": id, "type": "complete"})
