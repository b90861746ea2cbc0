"""The parameters of a GraphQL request, the same over HTTP and websockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import orjson


class Malformed(ValueError):
    """The request is not a well-formed GraphQL request; the message names what is wrong."""


@dataclass(frozen=True)
class Parameters:
    """A well-formed request; `null` and absent are the same."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    extensions: dict[str, Any] = field(default_factory=dict[str, Any])


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a decoded JSON value is an object, whose keys are strings."""
    return isinstance(value, dict)


def from_json(value: object) -> Parameters:
    """The parameters in a decoded JSON value; raises `Malformed`."""
    if isinstance(value, list):
        raise Malformed("Batches are not supported: send one request object.")
    if not is_object(value):
        raise Malformed("The request must be a JSON object.")
    query = value.get("query")
    if not isinstance(query, str):
        raise Malformed('"query" must be a string.')
    operation_name = value.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise Malformed('"operationName" must be a string or null.')
    return Parameters(query, operation_name, _map(value, "variables"), _map(value, "extensions"))


def from_query_string(pairs: Mapping[str, str]) -> Parameters:
    """The parameters in the query string of a GET; raises `Malformed`."""
    value: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if name in pairs:
            try:
                value[name] = orjson.loads(pairs[name])
            except orjson.JSONDecodeError as error:
                raise Malformed(f'"{name}" must be a JSON object.') from error
    return from_json(value)


def _map(value: dict[str, Any], name: str) -> dict[str, Any]:
    found: object = value.get(name)
    if found is None:
        return {}
    if not is_object(found):
        raise Malformed(f'"{name}" must be an object or null.')
    return found
