"""What a client shows of a ticket: loaded by a query, moved on by frames, and never wrong."""

from dataclasses import dataclass, field
from typing import Any

from tests.live.documents import CLIENT_FRAGMENTS, DESK_FRAGMENTS
from tests.support.site import Client

Json = dict[str, Any]
PAGE = 100
OWN = "unread allowedActions draft { body revision kind } followUps { id } mergedInto { id }"
SHARED_FRAGMENTS = """
fragment T on Ticket {
  id number subject turn level priority severity source tags createdAt updatedAt closedAt
  lastContactPostAt lastOperatorReplyAt firstReplyAt attachmentCount lastEntryNumber lastPostExcerpt
  contact { id name } department { id name } category { id name } assignee { __typename }
  lock { acquiredAt expiresAt operator { id name } } viewers { state since operator { id name } }
}
fragment E on TimelineEntry {
  __typename id number createdAt turnAfter author { __typename }
  ... on Post { body bodyText } ... on OperatorReply { delivery } ... on SystemEvent { kind note }
}"""


@dataclass(frozen=True)
class View:
    """One document of a ticket's feed, and the query that says the same."""

    feed: str
    fresh: str
    page: str
    entries: str
    """The ticket's list of them."""
    entry: str
    """The field of a frame that brings one."""
    shared: bool
    """Whether everybody who sees the ticket is told the same."""


def _view(entries: str, entry: str, feed: str, fragments: str, *, shared: bool) -> View:
    fresh = f"query ($id: ID!) {{ ticket(id: $id) {{ ...T feedCursor }} }} {fragments}"
    page = f"""
    query ($id: ID!, $after: String) {{
      ticket(id: $id) {{
        {entries}(first: {PAGE}, after: $after) {{
          edges {{ node {{ ...E }} }} pageInfo {{ hasNextPage endCursor }}
        }}
      }}
    }} {fragments}"""
    document = f"""
    subscription ($id: ID!, $after: String) {{
      ticketEvents(ticketId: $id, after: $after) {{ __typename {feed} }}
    }} {fragments}"""
    return View(document, _without_unused(fresh), _without_unused(page), entries, entry, shared)


def _without_unused(query: str) -> str:
    """A document must use each fragment it defines."""
    head, *fragments = query.split("\nfragment ")
    used = [one for one in fragments if f"...{one[0]} " in head]
    return "\nfragment ".join([head, *used])


DESK_FEED = """
... on TicketSnapshot { ticket { ...T } cursor }
... on EntryAdded { entry { ...E } ticket { ...T } cursor }
... on EntryChanged { entry { ...E } cursor }
... on TicketChanged { ticket { ...T } }
... on ReplyLockChanged { lock { acquiredAt expiresAt %soperator { id name } } }
... on ReplyLockRequested { by { id name } }
... on ViewersChanged { viewers { state since operator { id name } } }
... on FeedReset { reason cursor }
... on AccessRevoked { ticketId }"""
CONTACT_FEED = """
... on TicketSnapshot { ticket { ...T } cursor }
... on MessageAdded { message { ...E } ticket { ...T } cursor }
... on TicketChanged { ticket { ...T } }
... on FeedReset { reason cursor }
... on AccessRevoked { ticketId }"""
SHARED = _view("timeline", "entry", DESK_FEED % "", SHARED_FRAGMENTS, shared=True)
OWN_VIEW = _view("timeline", "entry", DESK_FEED % "token ", DESK_FRAGMENTS, shared=False)
CONTACT = _view("messages", "message", CONTACT_FEED, CLIENT_FRAGMENTS, shared=False)


@dataclass
class Screen:
    """The ticket, its entries, and how far the client stands."""

    view: View
    ticket: Json | None = None
    entries: list[Json] = field(default_factory=list[Json])
    cursor: str | None = None
    resets: int = 0

    @property
    def face(self) -> tuple[Any, Any]:
        """What is compared."""
        return self.ticket, self.entries

    @property
    def last(self) -> int:
        """The number of the newest entry."""
        return self.entries[-1]["number"] if self.entries else 0

    def copy(self) -> "Screen":
        """Another that shows the same."""
        return Screen(self.view, self.ticket, [*self.entries], self.cursor)

    def apply(self, frame: Json) -> None:
        """A frame's effect; asserts that no entry is missing, doubled or out of order."""
        kind = frame["__typename"]
        self.cursor = frame.get("cursor", self.cursor)
        if kind == "AccessRevoked":
            self.ticket, self.entries = None, []
        if kind == "FeedReset":
            self.resets += 1
        if "ticket" in frame:
            self.ticket = frame["ticket"]
        for name in ("lock", "viewers"):
            if name in frame:
                assert self.ticket is not None
                self.ticket = self.ticket | {name: frame[name]}
        if self.view.entry in frame:
            self._put(frame[self.view.entry], new=kind != "EntryChanged")

    def _put(self, entry: Json, *, new: bool) -> None:
        if new:
            assert entry["number"] == self.last + 1, f"{entry['number']} after {self.last}"
            self.entries.append(entry)
        else:
            assert entry["number"] <= self.last, "an entry changed that never came"
            self.entries[entry["number"] - 1] = entry


async def loaded(client: Client, view: View, id: str, known: Screen | None = None) -> Screen:
    """A ticket as queries say; `known` spares loading its entries again if there are no others."""
    ticket = (await client.run(view.fresh, id=id))["ticket"]
    if ticket is None:
        return Screen(view)
    cursor = ticket.pop("feedCursor")
    entries = known.entries if known is not None and known.cursor == cursor else None
    if entries is None:
        entries = await _entries(client, view, id)
    if "lastEntryNumber" in ticket:  # the entries may be newer than the ticket
        entries = [one for one in entries if one["number"] <= ticket["lastEntryNumber"]]
    return Screen(view, ticket, entries, cursor)


async def _entries(client: Client, view: View, id: str) -> list[Json]:
    entries: list[Json] = []
    after: str | None = None
    while True:
        found = (await client.run(view.page, id=id, after=after))["ticket"][view.entries]
        entries += [edge["node"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return entries
