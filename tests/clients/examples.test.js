// The examples of docs/clients, cut off and refused for a while: what they show is the log.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

import WebSocket from "ws";

import { CLIENT_FEED, DESK_FEED, DESK_LOG, linesOf, POST, SIGN_OUT } from "./documents.js";
import { bearer, CLIENT, DESK, Site } from "./site.js";
import { Relay } from "./relay.js";

const EXAMPLES = join(import.meta.dirname, "../../docs/clients");
const PATIENCE_MS = 60_000; // a guard against hanging, not a measure
const LOG = `query ($id: ID!) { ticket(id: $id) { feedCursor timeline(first: 100) { edges { node {
  number __typename ... on Post { bodyText } ... on SystemEvent { kind }
} } } } }`;

// They are in a folder without packages, and find those of this one.
const here = (name, context) => ({ ...context, parentURL: import.meta.url });
registerHooks({
  resolve: (name, context, next) => next(name, /^[a-z]/.test(name) ? here(name, context) : context),
});
const { follow } = await import(join(EXAMPLES, "feed.mjs"));
const { followEvents } = await import(join(EXAMPLES, "events.mjs"));

const site = Site.here;
const { anna: ANNA, mario: MARIO } = site.tokens;

async function until(condition) {
  const late = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > late) throw new Error(`waited for ${condition}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

function say(id, body) {
  return site.ask(CLIENT, MARIO, POST, { input: { ticketId: id, body } });
}

// What was shown, and the log.
function shownOf(frames) {
  return frames.filter(({ entry }) => entry).map(({ entry }) => entry);
}

for (const webSocketImpl of [WebSocket, globalThis.WebSocket])
  test(`feed.mjs shows the log, with ${webSocketImpl === WebSocket ? "ws" : "Node's"}`, async () => {
    const id = await site.openTicket();
    const start = (await site.ask(DESK, ANNA, LOG, { id })).ticket.feedCursor;
    const relay = await Relay.to(site.host);
    after(() => relay.refuse());
    const frames = [];
    const times = (name) => frames.filter(({ __typename }) => __typename === name).length;
    const url = `ws://${relay.host}${DESK}`;
    const options = { url, token: () => ANNA, id, after: start, webSocketImpl };
    const end = follow(options, (frame) => frames.push(frame));
    await until(() => times("TicketSnapshot") === 1);
    for (let round = 1; round <= 3; round++) {
      await say(id, `${round}, live`);
      await until(() => times("EntryAdded") === 3 * round - 2);
      if (round === 2) await relay.refuse();
      else relay.cut();
      await say(id, `${round}, missed`);
      await say(id, `${round}, missed too`);
      if (round === 2) setTimeout(() => relay.answer(), 1500); // it tries in vain meanwhile
      await until(() => times("TicketSnapshot") === round + 1);
    }
    const { ticket } = await site.ask(DESK, ANNA, LOG, { id });
    assert.deepEqual(shownOf(frames), linesOf({ ticket }).slice(1));
    assert.equal(times("EntryAdded"), 9);
    const admin = await site.signIn(DESK, "admin@demo.test");
    const input = { ticketId: id };
    await site.ask(DESK, admin, DELETE, { input });
    await end;
    assert.equal(frames.at(-1).__typename, "AccessRevoked");
  });

const DELETE = `mutation ($input: TicketDeleteInput!) { ticketDelete(input: $input) { __typename } }`;

test("feed.mjs gives up on a bad token, and on a refusal", async () => {
  const options = { url: site.socketUrl(DESK), id: "x", webSocketImpl: WebSocket };
  const bad = follow({ ...options, token: () => "made-up" }, assert.fail);
  await assert.rejects(bad, ({ code }) => code === 4401);
  const contact = follow({ ...options, url: site.socketUrl(CLIENT), token: () => MARIO }, assert.fail);
  await assert.rejects(contact, ([{ extensions }]) => extensions.code === "BAD_REQUEST");
});

test("feed.mjs signs in again when its session has ended", async () => {
  const id = await site.openTicket();
  const frames = [];
  let token = await site.signIn(DESK, "bruno@demo.test");
  const first = token;
  const options = { url: site.socketUrl(DESK), token: () => token, id, webSocketImpl: WebSocket };
  const end = follow(options, ({ __typename }) => frames.push(__typename));
  end.catch(() => {}); // it fails below
  await until(() => frames.length > 0);
  token = await site.signIn(DESK, "bruno@demo.test");
  await site.ask(DESK, first, SIGN_OUT);
  await until(() => frames.filter((name) => name === "TicketSnapshot").length === 2);
  await site.ask(DESK, token, SIGN_OUT);
  await assert.rejects(end, ({ code }) => code === 4401);
});

test("feed.mjs runs as its first lines say", async () => {
  const id = await site.openTicket();
  const hooks = `import { registerHooks } from "node:module";
    const parentURL = ${JSON.stringify(import.meta.url)};
    registerHooks({ resolve: (name, context, next) =>
      next(name, /^[a-z]/.test(name) ? { ...context, parentURL } : context) });`;
  const program = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(hooks)}`, join(EXAMPLES, "feed.mjs")]
      .concat(site.socketUrl(DESK), id),
    { env: { ...process.env, TOKEN: ANNA }, stdio: ["ignore", "pipe", "inherit"] },
  );
  const frames = [];
  createInterface(program.stdout).on("line", (line) => frames.push(JSON.parse(line)));
  await until(() => frames.some(({ __typename }) => __typename === "TicketSnapshot"));
  await say(id, "Buongiorno");
  await until(() => frames.some(({ entry }) => entry?.bodyText === "Buongiorno"));
  assert.deepEqual(shownOf(frames), [
    { number: 2, __typename: "ContactMessage", bodyText: "Buongiorno" },
  ]);
  program.kill();
  await once(program, "close");
});

// What a browser adds by itself: the cookie, and where the page is from.
async function browser(cookie) {
  const [hostname, port] = site.host.split(":");
  const lines = new Set();
  const asked = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(incoming.headers["last-event-id"]);
    const headers = { ...incoming.headers, cookie, "sec-fetch-site": "same-origin" };
    const onwards = request({ hostname, port, path: incoming.url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    lines.add(onwards);
    onwards.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onwards.destroy());
    onwards.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => lines.forEach((line) => line.destroy());
  after(() => {
    cut();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, asked, cut };
}

async function cookieOf(path, email) {
  const input = { email, password: "demo-demo-demo", cookie: true };
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`;
  const answer = await site.post(path, query, { input });
  return answer.headers.getSetCookie()[0].split(";")[0];
}

for (const [path, email, feed] of [
  [DESK, "anna@demo.test", DESK_FEED],
  [CLIENT, "mario.rossi@demo.test", CLIENT_FEED],
])
  test(`events.mjs comes back to ${path} where it was, and ends when it is told`, async () => {
    const id = await site.openTicket();
    const page = await browser(await cookieOf(path, email));
    const frames = [];
    const source = followEvents(`${page.url}${path}`, feed, { id }, (one) => frames.push(one));
    const times = (name) => frames.filter(({ __typename }) => __typename === name).length;
    const lines = () => frames.filter(({ line }) => line).map(({ line }) => line.bodyText);
    await until(() => times("TicketSnapshot") === 1);
    await say(id, "uno");
    await until(() => lines().length === 1);
    page.cut();
    await say(id, "due");
    await say(id, "tre");
    await until(() => times("TicketSnapshot") === 2);
    await say(id, "quattro");
    await until(() => lines().length === 4);
    assert.deepEqual(lines(), ["uno", "due", "tre", "quattro"]);
    const log = linesOf(await site.ask(DESK, ANNA, DESK_LOG, { id }));
    assert.deepEqual(lines(), log.slice(1).map(({ bodyText }) => bodyText));
    const admin = await site.signIn(DESK, "admin@demo.test");
    await site.ask(DESK, admin, DELETE, { input: { ticketId: id } });
    await until(() => source.readyState === EventSource.CLOSED);
    assert.equal(frames.at(-1).__typename, "AccessRevoked");
    assert.equal(page.asked.length, 2);
    assert.ok(page.asked[1]);
  });
