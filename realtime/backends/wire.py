"""The part of redis-py that carries hints and viewers, with the types that redis-py leaves open."""

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypedDict, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

STEP_S = 1.0
"""For each step with Redis: to connect, to log in, to be subscribed, to publish."""

BROKEN = (RedisError, OSError, RuntimeError)
"""What a connection that is torn ends with: uvloop raises RuntimeError when one is written to."""


class Message(TypedDict):
    """What arrives on a subscribed connection: `message`, or `subscribe` with a count."""

    type: str
    channel: bytes
    data: bytes | int


Scored = list[tuple[bytes, float]]
"""Members of a sorted set, from the lowest score."""


class Subscription(Protocol):
    async def subscribe(self, *channels: str) -> None: ...
    def get_message(self, *, timeout: float) -> Awaitable[Message | None]: ...
    async def aclose(self) -> None: ...


class Batch(Protocol):
    def __len__(self) -> int: ...
    def publish(self, channel: str, message: str) -> object: ...
    def time(self) -> object: ...
    def pexpire(self, name: str, time: int) -> object: ...
    def zadd(self, name: str, mapping: Mapping[str, float]) -> object: ...
    def zrem(self, name: str, *values: str) -> object: ...
    def zremrangebyscore(self, name: str, min: str | float, max: str | float) -> object: ...
    def zrange(self, name: str, start: int, end: int, *, withscores: bool) -> object: ...
    async def execute(self) -> list[object]: ...


class Client(Protocol):
    @classmethod
    def from_url(cls, url: str, **options: object) -> "Client": ...
    def pubsub(self) -> Subscription: ...
    def pipeline(self, *, transaction: bool) -> Batch: ...
    async def aclose(self) -> None: ...


def client(url: str) -> Client:
    """A client that tries once and then says so; raises ValueError for a strange address.

    redis-py would reconnect and subscribe by itself, in silence, and what was published
    meanwhile would be missed without a trace: with no error to retry on, it leaves that to us.
    The older protocol, because pub/sub gains nothing from the newer one, which logs every message.
    """
    return cast("type[Client]", Redis).from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0, supported_errors=()),
        socket_timeout=STEP_S,
        socket_connect_timeout=STEP_S,
    )
