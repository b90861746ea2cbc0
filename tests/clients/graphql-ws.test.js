// The reference client of graphql-transport-ws: its feeds come back and lose nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENT_FEED, CLIENT_LOG, DESK_FEED, DESK_LOG, linesOf } from "./documents.js";
import { POST, REPLY, SIGN_OUT } from "./documents.js";
import { Live } from "./feed.js";
import { CLIENT, DESK, Site } from "./site.js";

const site = Site.here;
const { anna: ANNA, mario: MARIO } = site.tokens;

test("feeds on both sides come back with what they missed, once and in order", async () => {
  const id = await site.openTicket();
  const anna = new Live(site, DESK, ANNA);
  const mario = new Live(site, CLIENT, MARIO);
  const hers = anna.feed(DESK_FEED, id);
  const his = mario.feed(CLIENT_FEED, id);
  await hers.until(({ types }) => types.includes("TicketSnapshot"));
  await his.until(({ types }) => types.includes("TicketSnapshot"));

  const reply = { ticketId: id, body: "<p>Porti il passaporto</p>", lastSeenEntry: 1 };
  const { ticketReply } = await anna.run(REPLY, { input: reply });
  assert.deepEqual(ticketReply, { __typename: "TicketReplied", ticket: { turn: "CONTACT" } });
  await hers.until(({ lines }) => lines.length === 1);
  await his.until(({ lines }) => lines.length === 1);
  assert.deepEqual([hers.turn, his.turn], ["CONTACT", "CONTACT"]);

  for (const live of [anna, mario]) {
    live.hold();
    live.drop();
  }
  for (const body of ["Ecco il passaporto", "e la marca da bollo"])
    await site.ask(CLIENT, MARIO, POST, { input: { ticketId: id, body } });
  for (const live of [anna, mario]) live.release();
  await hers.until(({ lines }) => lines.length === 3);
  await his.until(({ lines }) => lines.length === 3);

  const { messagePost } = await mario.run(POST, { input: { ticketId: id, body: "Tutto qui" } });
  assert.equal(messagePost.__typename, "MessagePosted");
  await hers.until(({ lines }) => lines.length === 4);
  await his.until(({ lines }) => lines.length === 4);
  assert.deepEqual([hers.turn, his.turn], ["OPERATOR", "OPERATOR"]);
  assert.deepEqual([anna.connecting, mario.connecting], [2, 2]);

  assert.deepEqual(hers.lines, linesOf(await anna.run(DESK_LOG, { id })).slice(1));
  assert.deepEqual(his.lines, linesOf(await mario.run(CLIENT_LOG, { id })).slice(1));
  const added = ["EntryAdded", "EntryAdded", "TicketSnapshot", "EntryAdded"];
  assert.deepEqual(
    hers.types.filter((type) => /^(Entry|TicketSnapshot)/.test(type)),
    ["TicketSnapshot", "EntryAdded", ...added],
  );
  for (const feed of [hers, his]) {
    feed.stop();
    await feed.ended;
  }
});

test("a ticket of somebody else is revoked, and the feed completes", async () => {
  const id = await site.openTicket();
  const giulia = new Live(site, CLIENT, site.tokens.giulia);
  const feed = giulia.feed(CLIENT_FEED, id);
  await feed.ended;
  assert.deepEqual(feed.frames, [{ __typename: "AccessRevoked", ticketId: id }]);
});

for (const path of [DESK, CLIENT]) {
  test(`${path}: with a bad token the client is told 4401 and gives up`, async () => {
    const stranger = new Live(site, path, "made-up");
    const feed = stranger.feed(path === DESK ? DESK_FEED : CLIENT_FEED, "x");
    await assert.rejects(feed.ended, ({ code, reason }) => code === 4401 && reason !== "");
    assert.equal(stranger.connecting, 1);
  });
}

test("signed out: 4403, the client comes back, is told 4401 and gives up", async () => {
  const id = await site.openTicket();
  const token = await site.signIn(DESK, "bruno@demo.test");
  const bruno = new Live(site, DESK, token);
  const feed = bruno.feed(DESK_FEED, id);
  await feed.until(({ types }) => types.includes("TicketSnapshot"));
  await site.ask(DESK, token, SIGN_OUT);
  await assert.rejects(feed.ended, ({ code }) => code === 4401);
  assert.deepEqual(bruno.closes, [4403, 4401]);
});
