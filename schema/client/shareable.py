"""What of the client area's subscriptions is the same for every contact who sees the ticket.

A whitelist, for review: what is not here asks who looks, and is executed for each.
"""

from realtime import feed_events
from schema.sharing import listed

FIELDS: dict[str, str] = {
    "TicketSnapshot": "ticket cursor",
    "MessageAdded": "message ticket cursor",
    "TicketChanged": "ticket",
    "FeedReset": "reason cursor",
    "AccessRevoked": "ticketId",
    "Node": "id",
    "Ticket": (
        "id number subject turn category createdAt updatedAt closedAt messages attachments "
        "feedCursor rating"
    ),
    "Rating": "positive comment changeableUntil",
    "Category": "id name description",
    "Message": ("id number createdAt side authorName authorAvatar body bodyText attachments"),
    "Document": "id name size mediaType createdAt fromDesk",
    "MessageConnection": "edges pageInfo totalCount",
    "MessageEdge": "node cursor",
    "DocumentConnection": "edges pageInfo totalCount",
    "DocumentEdge": "node cursor",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
}
SHAREABLE = listed(FIELDS)

EVENTS: dict[type, str] = {
    feed_events.Snapshot: "TicketSnapshot",
    feed_events.Added: "MessageAdded",
    feed_events.TicketMoved: "TicketChanged",
    feed_events.Reset: "FeedReset",
    feed_events.Revoked: "AccessRevoked",
}
"""What frames are in the schema."""


def faces(frame: object) -> tuple[str, dict[str, str]]:
    """The type of a frame."""
    return EVENTS.get(type(frame), ""), {}
