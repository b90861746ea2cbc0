"""Both schemas as graphql-core has them, and what tests look for in them."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from schema.client import SCHEMA as CLIENT
from schema.desk import SCHEMA as DESK

SCHEMAS: dict[str, GraphQLSchema] = {"desk": DESK.core, "client": CLIENT.core}


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    """Those that are not GraphQL's own."""
    built_in = {"String", "Int", "Float", "Boolean", "ID"}
    return [
        one
        for name, one in schema.type_map.items()
        if not name.startswith("__") and name not in built_in
    ]


def fields_of(type_: GraphQLNamedType) -> dict[str, Any]:
    """Fields of objects, interfaces and inputs, by name."""
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return dict(getattr(type_, "fields"))  # noqa: B009 - untyped in graphql-core
    return {}


def parts(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Everything that has a description: where it is, and the description."""
    for type_ in own_types(schema):
        yield type_.name, type_.description
        for name, field in fields_of(type_).items():
            yield f"{type_.name}.{name}", field.description
            for argument, given in getattr(field, "args", {}).items():
                yield f"{type_.name}.{name}({argument})", given.description
        if isinstance(type_, GraphQLEnumType):
            values: dict[str, Any] = dict(getattr(type_, "values"))  # noqa: B009
            for name, value in values.items():
                yield f"{type_.name}.{name}", value.description


def unions(schema: GraphQLSchema) -> list[GraphQLUnionType]:
    return [one for one in own_types(schema) if isinstance(one, GraphQLUnionType)]


def members(schema: GraphQLSchema, abstract: Any) -> list[GraphQLObjectType]:
    """The concrete types of a union or an interface."""
    return list(schema.get_possible_types(abstract))
