"""What the tests of the live layer ask for: everything shareable, and what is the viewer's own."""

from dataclasses import dataclass

LOCK = "lock { acquiredAt expiresAt token operator { id name } }"
VIEWERS = "viewers { state since operator { id name } }"

DESK_FRAGMENTS = f"""
fragment T on Ticket {{
  id number subject turn level priority severity source tags createdAt updatedAt closedAt
  rating {{ positive comment givenAt }}
  lastContactPostAt lastOperatorReplyAt firstReplyAt attachmentCount lastEntryNumber lastPostExcerpt
  contact {{ id name }} department {{ id name }} category {{ id name }}
  assignee {{ __typename ... on Node {{ id }} }} lastPost {{ id number bodyText }}
  unread {LOCK} {VIEWERS} allowedActions draft {{ body revision kind }}
  followUpOf {{ id }} followUps {{ id }} mergedInto {{ id }}
}}
fragment E on TimelineEntry {{
  __typename id number createdAt turnAfter author {{ __typename ... on Node {{ id }} }}
  ... on Post {{ body bodyText attachments {{ id name size }} }}
  ... on ContactMessage {{ mail {{ sender }} }}
  ... on OperatorReply {{ delivery }}
  ... on InternalNote {{ mentions {{ id }} }}
  ... on SystemEvent {{ kind note changes {{ field from to }} }}
}}"""

CLIENT_FRAGMENTS = """
fragment T on Ticket {
  id number subject turn createdAt updatedAt closedAt category { id name }
  rating { positive comment changeableUntil }
}
fragment E on Message {
  id number createdAt body bodyText side fromMe authorName authorAvatar
  attachments { id name size fromDesk }
}"""

DESK_FEED = f"""
subscription ($id: ID!, $after: String) {{
  ticketEvents(ticketId: $id, after: $after) {{
    __typename
    ... on TicketSnapshot {{ ticket {{ ...T }} {LOCK} {VIEWERS} cursor }}
    ... on EntryAdded {{ entry {{ ...E }} ticket {{ ...T }} cursor }}
    ... on EntryChanged {{ entry {{ ...E }} cursor }}
    ... on TicketChanged {{ ticket {{ ...T }} }}
    ... on ReplyLockChanged {{ {LOCK} }}
    ... on ReplyLockRequested {{ by {{ id name }} }}
    ... on ViewersChanged {{ {VIEWERS} }}
    ... on FeedReset {{ reason cursor }}
    ... on AccessRevoked {{ ticketId }}
  }}
}} {DESK_FRAGMENTS}"""

CLIENT_FEED = f"""
subscription ($id: ID!, $after: String) {{
  ticketEvents(ticketId: $id, after: $after) {{
    __typename
    ... on TicketSnapshot {{ ticket {{ ...T }} cursor }}
    ... on MessageAdded {{ message {{ ...E }} ticket {{ ...T }} cursor }}
    ... on TicketChanged {{ ticket {{ ...T }} }}
    ... on FeedReset {{ reason cursor }}
    ... on AccessRevoked {{ ticketId }}
  }}
}} {CLIENT_FRAGMENTS}"""


@dataclass(frozen=True)
class Side:
    """One of the two APIs."""

    feed: str
    fresh: str
    entries: str
    """The ticket's list of them."""
    entry: str
    """The field of a frame that brings one."""


def _fresh(entries: str, fragments: str) -> str:
    return f"""
    query ($id: ID!) {{
      ticket(id: $id) {{ ...T feedCursor {entries}(last: 10) {{ edges {{ node {{ ...E }} }} }} }}
    }} {fragments}"""


DESK_SIDE = Side(DESK_FEED, _fresh("timeline", DESK_FRAGMENTS), "timeline", "entry")
CLIENT_SIDE = Side(CLIENT_FEED, _fresh("messages", CLIENT_FRAGMENTS), "messages", "message")
