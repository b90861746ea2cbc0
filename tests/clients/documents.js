// What both sides ask of a ticket: its log, and the feed that goes on from it.

const ENTRY = `fragment line on TimelineEntry {
  __typename id number createdAt turnAfter
  ... on Post { bodyText }
  ... on SystemEvent { kind }
}`;
const MESSAGE = "fragment line on Message { __typename id number createdAt side bodyText }";

export const DESK_LOG = `query ($id: ID!) {
  ticket(id: $id) { turn timeline(first: 100) { edges { node { ...line } } } }
} ${ENTRY}`;
export const CLIENT_LOG = `query ($id: ID!) {
  ticket(id: $id) { turn messages(first: 100) { edges { node { ...line } } } }
} ${MESSAGE}`;

export const DESK_FEED = `subscription ($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename
    ... on TicketSnapshot { cursor ticket { turn } }
    ... on EntryAdded { cursor ticket { turn } line: entry { ...line } }
    ... on FeedReset { cursor reason }
    ... on AccessRevoked { ticketId }
  }
} ${ENTRY}`;
export const CLIENT_FEED = `subscription ($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename
    ... on TicketSnapshot { cursor ticket { turn } }
    ... on MessageAdded { cursor ticket { turn } line: message { ...line } }
    ... on TicketChanged { ticket { turn } }
    ... on FeedReset { cursor reason }
    ... on AccessRevoked { ticketId }
  }
} ${MESSAGE}`;

export const REPLY = `mutation ($input: TicketReplyInput!) {
  ticketReply(input: $input) { __typename ... on TicketReplied { ticket { turn } } }
}`;
export const NOTE = `mutation ($input: TicketAddNoteInput!) {
  ticketAddNote(input: $input) { __typename ... on TicketNoted { note { bodyText } } }
}`;
export const POST = `mutation ($input: MessagePostInput!) {
  messagePost(input: $input) { __typename ... on MessagePosted { posted { bodyText } } }
}`;
export const SIGN_OUT = "mutation { signOut { __typename } }";

// The lines of a log's answer.
export function linesOf({ ticket }) {
  return (ticket.timeline ?? ticket.messages).edges.map(({ node }) => node);
}
