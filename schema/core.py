"""What both schemas are built with."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from resolvers.context import Context
from resolvers.ids import encode
from schema.scalars import SCALARS

Info = strawberry.Info[Context, None]


class Schema(strawberry.Schema):
    """A Strawberry schema that shows the graphql-core schema it wraps."""

    @property
    def core(self) -> GraphQLSchema:
        """For executors that do not go through Strawberry."""
        return self._schema


def build(query: type, mutation: type, subscription: type, types: list[type]) -> Schema:
    """A schema in the house's configuration."""
    return Schema(
        query,
        mutation,
        subscription,
        types=types,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def shown(schema: Schema, field: str) -> None:
    """Have a subscription whose type is the ticket itself show the ticket of each frame."""
    subscription: Any = schema.core.subscription_type
    subscription.fields[field].resolve = _ticket


def _ticket(frame: Any, info: Any) -> Any:
    info.context.share(frame)
    return frame.ticket


def global_id(kind: str, number: Callable[[Any], int] = attrgetter("id")) -> Any:
    """The `id` field of a type: its kind, and the number of the row."""

    def resolve(row: strawberry.Parent[Any]) -> strawberry.ID:
        return strawberry.ID(encode(kind, number(row)))

    return strawberry.field(resolver=resolve, description="Opaque global id; see Query.node.")


def described(enum: Any, description: str, **values: str) -> Any:
    """Register an enum of the domain, with a description for each value."""
    registered = strawberry.enum(enum, description=description)
    for value in registered.__strawberry_definition__.values:
        value.description = values[value.name]
    return registered
