"""Scalars beyond GraphQL's own."""

from datetime import UTC, datetime

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition


def parse_time(text: object) -> datetime:
    """An ISO 8601 time with a zone, in UTC.

    Raises GraphQLError: any other exception of a scalar counts as a bug of ours.
    """
    if not isinstance(text, str):
        raise GraphQLError("A DateTime is a string: 2026-01-31T12:00:00Z.")
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise GraphQLError("A DateTime needs date, time and zone: 2026-01-31T12:00:00Z.")


def show_time(at: datetime) -> str:
    """The same in UTC, with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="UTC, ISO 8601 with zone: 2026-01-31T12:00:00Z.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=show_time,
        parse_value=parse_time,
    )
}
