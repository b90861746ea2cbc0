"""Relay connections, the same for every list."""

from typing import Annotated, Generic, TypeVar

import strawberry

from models.paging import PageRequest

NodeT = TypeVar("NodeT")

First = Annotated[
    int | None, strawberry.argument(description="How many from the start: 1 to 100, default 25.")
]
After = Annotated[
    str | None, strawberry.argument(description="Only what comes after this cursor; with first.")
]
Last = Annotated[int | None, strawberry.argument(description="How many from the end: 1 to 100.")]
Before = Annotated[
    str | None, strawberry.argument(description="Only what comes before this cursor; with last.")
]


@strawberry.type(description="What else there is beside this page.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether more precedes.")
    start_cursor: str | None = strawberry.field(description="Of the first edge.")
    end_cursor: str | None = strawberry.field(description="Of the last edge.")


@strawberry.type(description="A row of a list, and where it stands.")
class Edge(Generic[NodeT]):
    node: NodeT = strawberry.field(description="The row.")
    cursor: str = strawberry.field(description="Where it stands: pass it as after or before.")


@strawberry.type(description="A page of a list (Relay Cursor Connections).")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]] = strawberry.field(description="The rows of this page.")
    page_info: PageInfo = strawberry.field(description="What else there is.")
    total_count: int = strawberry.field(description="Of the whole list; counted only when asked.")


def request(
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> PageRequest:
    """The four arguments as one."""
    return PageRequest(first, after, last, before)
