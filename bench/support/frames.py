"""Websocket frames, as far as a client needs them that has no time to lose (RFC 6455)."""

import os

import orjson

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SHORT, TWO_BYTES, EIGHT_BYTES = 125, 126, 127


def handshake(port: int, path: str) -> bytes:
    """The request that begins a connection; the key is not checked."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    ).encode()


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One frame of a client: masked, as servers insist."""
    length = len(payload)
    if length <= SHORT:
        head = bytes((0x80 | opcode, 0x80 | length))
    else:
        head = bytes((0x80 | opcode, 0x80 | TWO_BYTES)) + length.to_bytes(2, "big")
    mask = os.urandom(4)
    repeated = (mask * (length // 4 + 1))[:length]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + mixed.to_bytes(length, "big")


def bounds(data: bytes | bytearray, at: int, size: int) -> tuple[int, int] | None:
    """Where the payload of a server's frame begins and ends; None until that is known."""
    if at + 2 > size:
        return None
    length, begin = data[at + 1], at + 2
    if length == TWO_BYTES:
        length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    elif length == EIGHT_BYTES:
        length, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    return None if begin > size else (begin, begin + length)


def message(**fields: object) -> bytes:
    """A message of `graphql-transport-ws` in a frame."""
    return frame(orjson.dumps(fields))


def init(token: str | None) -> bytes:
    """`connection_init`, with a bearer token if there is one."""
    payload = {"authorization": f"Bearer {token}"} if token else {}
    return message(type="connection_init", payload=payload)
