"""What everything with a global id is."""

import strawberry


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque global id; see Query.node.")
