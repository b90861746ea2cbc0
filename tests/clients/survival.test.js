// The reference client survives what happens to servers, to Redis, to lines and to tokens: its list
// of entries is the log. A desk of its own, whose processes may be stopped and killed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { CLIENT_FEED, CLIENT_LOG, DESK_FEED, DESK_LOG, linesOf, NOTE, POST } from "./documents.js";
import { Live } from "./feed.js";
import { freePort, Server } from "./server.js";
import { bearer, CLIENT, DESK, Site } from "./site.js";
import { SlowLine } from "./slow-line.js";

// By itself it gives up when nobody listens at the address: that is an error to it, and no close.
const PATIENT = {
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: () => sleep(200 + 300 * Math.random()),
};
const LONG = "parola ".repeat(4000); // 40 of them are more than the server keeps for a client
const CREATE = `mutation ($input: ApiTokenCreateInput!) {
  apiTokenCreate(input: $input) { __typename ... on ApiTokenCreated { token } }
}`;
const PEOPLE = {
  anna: [DESK, "anna@demo.test"],
  mario: [CLIENT, "mario.rossi@demo.test"],
};

let folder, port, redisPort, redis, server, site;
const servers = [];
const open = [];

async function startRedis() {
  const settings = ["--port", redisPort, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  redis = spawn("redis-server", settings.map(String), { stdio: "ignore" });
  await once(redis, "spawn"); // or it is not on this machine
}

async function stopRedis() {
  const ended = new Promise((done) => redis.once("close", done));
  redis.kill("SIGKILL");
  await ended;
}

async function startServer() {
  const settings = { SPORTELLO_REDIS_URL: `redis://127.0.0.1:${redisPort}` };
  server = new Server(port, folder, settings);
  servers.push(server);
  await server.answers(site);
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sportello-survival-"));
  [port, redisPort] = [await freePort(), await freePort()];
  site = new Site(`127.0.0.1:${port}`);
  await startRedis();
  await startServer();
  for (const [name, [path, email]] of Object.entries(PEOPLE))
    site.tokens[name] = await site.signIn(path, email);
});

after(async () => {
  for (const feed of open) feed.stop();
  await server?.stop();
  redis?.kill("SIGKILL");
  if (folder) await rm(folder, { recursive: true, force: true });
  for (const { log } of servers) assert.ok(!log.includes("Traceback"), log);
});

async function feeds(id, at = site) {
  const anna = new Live(at, DESK, site.tokens.anna, PATIENT);
  const mario = new Live(at, CLIENT, site.tokens.mario, PATIENT);
  const both = [
    { live: anna, feed: anna.feed(DESK_FEED, id) },
    { live: mario, feed: mario.feed(CLIENT_FEED, id) },
  ];
  for (const { feed } of both) {
    open.push(feed);
    await feed.until(({ types }) => types.includes("TicketSnapshot"));
  }
  return both;
}

async function post(id, ...bodies) {
  for (const body of bodies) {
    const input = { ticketId: id, body: `<p>${body}</p>` };
    const { messagePost } = await site.ask(CLIENT, site.tokens.mario, POST, { input });
    assert.equal(messagePost.__typename, "MessagePosted");
  }
}

// Both lists are the log, in full and in order.
async function areTheLog(id, [hers, his]) {
  const desk = linesOf(await site.ask(DESK, site.tokens.anna, DESK_LOG, { id })).slice(1);
  const client = linesOf(await site.ask(CLIENT, site.tokens.mario, CLIENT_LOG, { id })).slice(1);
  await hers.feed.until(({ lines }) => lines.length >= desk.length);
  await his.feed.until(({ lines }) => lines.length >= client.length);
  assert.deepEqual(hers.feed.lines, desk);
  assert.deepEqual(his.feed.lines, client);
}

for (const [signal, code] of [
  ["SIGTERM", 1012],
  ["SIGKILL", 1006],
])
  test(`the server is restarted with ${signal}: they come back and have it all`, async () => {
    const id = await site.openTicket();
    const both = await feeds(id);
    await post(id, "prima");
    await server.stop(signal);
    await startServer();
    await post(id, "dopo", "e ancora");
    await areTheLog(id, both);
    for (const { live } of both) {
      assert.equal(live.closes[0], code);
      assert.ok(live.closes.slice(1).every((one) => one === 1006));
    }
  });

test("Redis is restarted: nobody is disconnected, and nothing is lost", async () => {
  const id = await site.openTicket();
  const both = await feeds(id);
  await post(id, "prima");
  await stopRedis();
  await post(id, "senza", "senza Redis");
  await areTheLog(id, both);
  await startRedis();
  await post(id, "di nuovo");
  await areTheLog(id, both);
  for (const { live } of both) assert.deepEqual([live.connecting, live.closes], [1, []]);
});

test("the network is slow: closed for it, they come back for what they missed", async () => {
  const id = await site.openTicket();
  const line = new SlowLine(port, 2048);
  const slow = new Site(`127.0.0.1:${await line.open()}`);
  try {
    const both = await feeds(id, slow);
    await post(id, ...Array.from({ length: 60 }, (_, number) => `${number} ${LONG}`));
    line.widen();
    await areTheLog(id, both);
  } finally {
    line.close();
  }
});

test("a token expires: 4403, and they come back with a fresh one", async () => {
  const id = await site.openTicket();
  const fresh = async (lifetime) => {
    const expiresAt = new Date(Date.now() + lifetime).toISOString();
    const input = { name: "Cruscotto", scopes: ["TICKETS_VIEW"], expiresAt };
    const { apiTokenCreate } = await site.ask(DESK, site.tokens.anna, CREATE, { input });
    return apiTokenCreate.token;
  };
  const lifetimes = [8_000];
  const live = new Live(site, DESK, "", {
    ...PATIENT,
    connectionParams: async () => bearer(await fresh(lifetimes.shift() ?? 3_600_000)),
  });
  const feed = live.feed(DESK_FEED, id);
  open.push(feed);
  await feed.until(({ types }) => types.includes("TicketSnapshot"));
  while (!live.closes.length) {
    const input = { ticketId: id, body: "<p>intanto</p>" };
    await site.ask(DESK, site.tokens.anna, NOTE, { input });
    await sleep(200);
  }
  await post(id, "dopo");
  const log = linesOf(await site.ask(DESK, site.tokens.anna, DESK_LOG, { id })).slice(1);
  await feed.until(({ lines }) => lines.length >= log.length);
  assert.deepEqual(feed.lines, log);
  assert.deepEqual([live.connecting, live.closes], [2, [4403]]);
});
