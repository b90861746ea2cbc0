"""What of the desk's subscriptions is the same for every operator who sees the ticket.

A whitelist, for review: what is not here asks who looks, is filtered by what they see, is signed
for them or in their language, and is executed for each viewer.
"""

from models.enums import EntryKind
from models.timeline import TimelineEntry
from realtime import feed_events
from schema.sharing import listed

FIELDS: dict[str, str] = {
    "TicketSnapshot": "ticket lock viewers cursor",
    "EntryAdded": "entry ticket cursor",
    "EntryChanged": "entry cursor",
    "TicketChanged": "ticket",
    "ReplyLockChanged": "lock",
    "ReplyLockRequested": "by",
    "ViewersChanged": "viewers",
    "FeedReset": "reason cursor",
    "AccessRevoked": "ticketId",
    "Ticket": (
        "id number subject turn level priority severity source contact department category "
        "assignee tags createdAt updatedAt closedAt lastEntryNumber lastPost lock viewers timeline "
        "attachments feedCursor lastContactPostAt lastOperatorReplyAt firstReplyAt attachmentCount "
        "lastPostExcerpt rating"
    ),
    "Rating": "positive comment givenAt changeableUntil",
    "ReplyLock": "operator acquiredAt expiresAt",
    "Viewer": "operator state since",
    "Node": "id",
    "TimelineEntry": "id number createdAt author turnAfter",
    "Post": "id number createdAt author turnAfter body bodyText attachments",
    "ContactMessage": (
        "id number createdAt author turnAfter body bodyText attachments source verified automatic "
        "mail"
    ),
    "MessageMail": (
        "sender receivedAt recipients replyTo pretends fromOperator authentication notes "
        "changedSubject"
    ),
    "OperatorReply": "id number createdAt author turnAfter body bodyText attachments delivery",
    "InternalNote": "id number createdAt author turnAfter body bodyText attachments mentions",
    "SystemEvent": "id number createdAt author turnAfter kind note",
    "Operator": "id name email active",
    "OperatorGroup": "id name",
    "Automation": "name",
    "Contact": "id name email language organisation blocked",
    "Organisation": "id name sharesTickets",
    "Department": "id name parent",
    "Category": "id name parent department initialLevel selectable archived",
    "Document": "id name size mediaType sha256 createdAt internal",
    "TimelineConnection": "edges pageInfo totalCount",
    "TimelineEntryEdge": "node cursor",
    "DocumentConnection": "edges pageInfo totalCount",
    "DocumentEdge": "node cursor",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
}
SHAREABLE = listed(FIELDS)

EVENTS: dict[type, str] = {
    feed_events.Snapshot: "TicketSnapshot",
    feed_events.Added: "EntryAdded",
    feed_events.Changed: "EntryChanged",
    feed_events.TicketMoved: "TicketChanged",
    feed_events.LockMoved: "ReplyLockChanged",
    feed_events.Requested: "ReplyLockRequested",
    feed_events.ViewersNow: "ViewersChanged",
    feed_events.Reset: "FeedReset",
    feed_events.Revoked: "AccessRevoked",
}
"""What frames are in the schema."""
ENTRIES = {
    EntryKind.CONTACT_MESSAGE: "ContactMessage",
    EntryKind.OPERATOR_REPLY: "OperatorReply",
    EntryKind.INTERNAL_NOTE: "InternalNote",
    EntryKind.SYSTEM_EVENT: "SystemEvent",
}


def faces(frame: object) -> tuple[str, dict[str, str]]:
    """The type of a frame, and of its entry: what is asked of others is not executed."""
    entry: TimelineEntry | None = getattr(frame, "entry", None)
    nodes = {"entry": ENTRIES[entry.kind]} if entry is not None else {}
    return EVENTS.get(type(frame), ""), nodes
