"""What the composition root tells the transport about one of its two endpoints."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from graphql import GraphQLSchema

from app.transport.documents import Documents
from app.transport.limits import Limits
from app.transport.sharing import NOTHING, Sharing
from realtime.channel import Channel


class BadCredential(Exception):
    """A credential was sent and is not valid."""


@dataclass(frozen=True)
class Ask:
    """Where a request comes from; `live` says that it came over a websocket."""

    address: str
    user_agent: str
    origin: str | None
    request_id: str
    live: bool


class Caller(Protocol):
    """Who asks. `key` is the same for every request of one token or session."""

    @property
    def key(self) -> str: ...

    @property
    def session_id(self) -> int | None: ...


Around = Callable[[str, str | None], AbstractContextManager[None]]
"""What is entered around an operation, of which it is told the kind and the name."""


def untraced(_kind: str, _name: str | None) -> AbstractContextManager[None]:
    """Nothing, and costs nothing."""
    return _NOTHING


_NOTHING = nullcontext()


@dataclass(frozen=True)
class Endpoint:
    """One schema at one path.

    `identify` turns a token into a caller or raises `BadCredential`. `context` makes the
    context of one operation, or of one event of a subscription; when it has an attribute
    `cookies`, these raw `Set-Cookie` values go out with the HTTP response. It is given the
    channel of a subscription that is being opened, and nobody as the caller of what is shared.
    """

    name: str
    path: str
    schema: GraphQLSchema
    cookie: str
    identify: Callable[[str], Awaitable[Caller]]
    context: Callable[[Caller | None, Ask, Channel | None], Any]
    origins: frozenset[str] = frozenset()
    any_origin: bool = False
    explorer: bool = False
    introspection_for_anonymous: bool = False
    limits: Limits = field(default_factory=Limits)
    sharing: Sharing = NOTHING
    around: Around = untraced

    @cached_property
    def documents(self) -> Documents:
        """The checked documents, shared by both wires."""
        return Documents(self.schema, self.limits, hide_suggestions=self.hides_schema)

    @property
    def hides_schema(self) -> bool:
        """What anonymous callers may not introspect is not suggested to them either."""
        return not self.introspection_for_anonymous
