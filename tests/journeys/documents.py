"""What the people of the journeys ask for: pages and feeds of one ticket, on both sides."""

from dataclasses import dataclass

from tests.support.site import DESK, Client

_ENTRY = """
fragment item on TimelineEntry {
  __typename id number createdAt turnAfter
  author { __typename ... on Operator { name } ... on Contact { name } ... on Automation { name } }
  ... on Post { body bodyText attachments { id name size mediaType sha256 } }
  ... on SystemEvent { kind note changes { field from to } }
}"""
_TICKET = """
fragment face on Ticket {
  id number subject turn level createdAt updatedAt closedAt lastEntryNumber attachmentCount
  lastPostExcerpt tags
  category { name } department { name } followUpOf { number } followUps { number }
  assignee { ... on Operator { name } ... on OperatorGroup { name } }
}"""
_LOCK = "fragment held on ReplyLock { operator { name } token }"

_MESSAGE = """
fragment item on Message {
  id number createdAt side fromMe authorName body bodyText
  attachments { id name size mediaType fromDesk }
}"""
_CONVERSATION = """
fragment face on Ticket {
  id number subject turn createdAt updatedAt closedAt category { name }
  attachments(first: 100) { edges { node { id name } } }
}"""


@dataclass(frozen=True)
class Documents:
    """How one side reads a ticket."""

    page: str
    feed: str
    items: str
    """The field with the page's lines."""
    item: str
    """The field of a frame with a new line."""
    added: str
    """The type of that frame."""


DESK_DOCUMENTS = Documents(
    page=(
        "query ($id: ID!) { ticket(id: $id) { ...face feedCursor lock { ...held }"
        " timeline(first: 100) { edges { node { ...item } } } } }" + _TICKET + _ENTRY + _LOCK
    ),
    feed=(
        "subscription ($id: ID!, $after: String) { ticketEvents(ticketId: $id, after: $after) {"
        " __typename"
        " ... on TicketSnapshot { cursor ticket { ...face } lock { ...held } }"
        " ... on EntryAdded { cursor ticket { ...face } entry { ...item } }"
        " ... on EntryChanged { cursor entry { ...item } }"
        " ... on TicketChanged { ticket { ...face } }"
        " ... on ReplyLockChanged { lock { ...held } }"
        " ... on ViewersChanged { viewers { operator { name } } }"
        " ... on FeedReset { cursor reason }"
        " ... on AccessRevoked { ticketId } } }" + _TICKET + _ENTRY + _LOCK
    ),
    items="timeline",
    item="entry",
    added="EntryAdded",
)

CLIENT_DOCUMENTS = Documents(
    page=(
        "query ($id: ID!) { ticket(id: $id) { ...face feedCursor"
        " messages(first: 100) { edges { node { ...item } } } } }" + _CONVERSATION + _MESSAGE
    ),
    feed=(
        "subscription ($id: ID!, $after: String) { ticketEvents(ticketId: $id, after: $after) {"
        " __typename"
        " ... on TicketSnapshot { cursor ticket { ...face } }"
        " ... on MessageAdded { cursor ticket { ...face } message { ...item } }"
        " ... on TicketChanged { ticket { ...face } }"
        " ... on FeedReset { cursor reason }"
        " ... on AccessRevoked { ticketId } } }" + _CONVERSATION + _MESSAGE
    ),
    items="messages",
    item="message",
    added="MessageAdded",
)


def documents_of(who: Client) -> Documents:
    """Those of the side they are on."""
    return DESK_DOCUMENTS if who.path == DESK else CLIENT_DOCUMENTS
