// @urql/core on both endpoints: queries and mutations by fetch, feeds through graphql-ws.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";

import { CLIENT_FEED, CLIENT_LOG, DESK_FEED, DESK_LOG, NOTE, POST, linesOf } from "./documents.js";
import { Live } from "./feed.js";
import { bearer, CLIENT, DESK, Site } from "./site.js";

const site = Site.here;
const WORDS = { bodyText: "Due parole" };
const SIDES = [
  {
    path: DESK,
    token: site.tokens.anna,
    name: "Anna Ferrari",
    log: DESK_LOG,
    feed: DESK_FEED,
    write: NOTE,
    written: { ticketAddNote: { __typename: "TicketNoted", note: WORDS } },
  },
  {
    path: CLIENT,
    token: site.tokens.mario,
    name: "Mario Rossi",
    log: CLIENT_LOG,
    feed: CLIENT_FEED,
    write: POST,
    written: { messagePost: { __typename: "MessagePosted", posted: WORDS } },
  },
];

function connected({ path, token }, options = {}) {
  const live = new Live(site, path, token);
  return new Client({
    url: site.url(path),
    fetchOptions: { headers: bearer(token) },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: live.client.subscribe({ ...request, query: request.query ?? "" }, sink),
          }),
        }),
      }),
    ],
    ...options,
  });
}

// The first result that fulfils the condition.
function heard(client, query, variables, condition) {
  return new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(query, variables).subscribe((result) => {
      if (result.error) return reject(result.error);
      if (!condition(result.data)) return;
      queueMicrotask(() => unsubscribe());
      resolve(result.data);
    });
  });
}

for (const side of SIDES) {
  for (const preferGetMethod of [false, "force"]) {
    const method = preferGetMethod ? "GET" : "POST";
    test(`${side.path}: a query by ${method}`, async () => {
      const client = connected(side, { preferGetMethod });
      const { data, error } = await client.query("{ viewer { name } }", {}).toPromise();
      assert.equal(error, undefined);
      assert.equal(data.viewer.name, side.name);
    });
  }

  test(`${side.path}: a subscription hears what a mutation wrote`, async () => {
    const id = await site.openTicket();
    const client = connected(side);
    const snapshot = await heard(client, side.feed, { id, after: null }, () => true);
    assert.equal(snapshot.ticketEvents.__typename, "TicketSnapshot");
    const after = snapshot.ticketEvents.cursor;
    const line = heard(client, side.feed, { id, after }, (data) => data.ticketEvents.line);
    const input = { ticketId: id, body: WORDS.bodyText };
    const { data, error } = await client.mutation(side.write, { input }).toPromise();
    assert.equal(error, undefined);
    assert.deepEqual(data, side.written);
    const told = (await line).ticketEvents.line;
    const log = await client.query(side.log, { id }).toPromise();
    assert.deepEqual(told, linesOf(log.data).at(-1));
    assert.equal(told.number, 2);
  });

  test(`${side.path}: a bad token is UNAUTHENTICATED`, async () => {
    const client = connected({ ...side, token: "made-up" });
    const { data, error } = await client.query("{ viewer { name } }", {}).toPromise();
    assert.equal(data, undefined);
    assert.equal(error.graphQLErrors[0].extensions.code, "UNAUTHENTICATED");
    assert.equal(error.response.status, 401);
  });
}
