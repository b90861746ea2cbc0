// Follows one ticket: each entry once and in order, whatever happens to the line.
//
//     TOKEN=… node feed.mjs ws://127.0.0.1:8000/graphql TICKET_ID [CURSOR]
//
// In a page, import `follow`. Node before 22 has no WebSocket: pass that of the package ws.

import { createClient } from "graphql-ws";

const QUERY = `subscription ($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename ... on TicketSnapshot { cursor ticket { turn } } ... on FeedReset { cursor reason }
    ... on EntryAdded { cursor entry { ...line } } ... on EntryChanged { cursor entry { ...line } }
  }
}
fragment line on TimelineEntry {
  __typename number ... on Post { bodyText } ... on SystemEvent { kind } }`;

// Until AccessRevoked; rejects with what coming back would not mend. `token()` may sign in anew.
export function follow({ url, token, id, after = null, webSocketImpl }, show) {
  const variables = { id, after };
  const client = createClient({
    url,
    webSocketImpl,
    connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
    retryAttempts: Infinity, // it gives up after five
    shouldRetry: () => true, // and at once where nobody answers; close codes it knows by itself
    retryWait: (tries) => pause((0.5 + Math.random() / 2) * Math.min(2 ** tries, 30)),
  });
  return new Promise((resolve, reject) => {
    const next = ({ data }) => {
      if (!data) return client.terminate(); // a frame that failed: ask for it again
      variables.after = data.ticketEvents.cursor ?? variables.after; // sent when it comes back
      show(data.ticketEvents);
    };
    const error = (reason) => {
      const seconds = reason[0]?.extensions?.retryAfter;
      return seconds ? pause(seconds).then(begin) : reject(reason);
    };
    const sink = { next, error, complete: resolve };
    const begin = () => client.subscribe({ query: QUERY, variables }, sink);
    begin();
  });
}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

if (import.meta.filename && import.meta.filename === process.argv[1]) {
  const [url, id, after] = process.argv.slice(2);
  const shown = (frame) => console.log(JSON.stringify(frame));
  await follow({ url, token: () => process.env.TOKEN, id, after }, shown);
}
