// What docs/realtime.md says of graphql-ws: after which codes it comes back by itself.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { createClient } from "graphql-ws";
import WebSocket, { WebSocketServer } from "ws";

const PAGE = join(import.meta.dirname, "../../docs/realtime.md");
const ROW = /^\| `(\d{4})` \|.*\| (comes back|gives up) \|$/gm;
const CODES = [...(await readFile(PAGE, "utf8")).matchAll(ROW)].map(([, code, does]) => [+code, does]);

// A server that acknowledges, and closes whoever subscribes with this code.
async function closing(code) {
  const protocol = "graphql-transport-ws";
  const options = { host: "127.0.0.1", port: 0, handleProtocols: () => protocol };
  const server = new WebSocketServer(options);
  server.on("connection", (socket) => {
    socket.send('{"type":"connection_ack"}');
    socket.on("message", (text) => JSON.parse(text).type === "subscribe" && socket.close(code));
  });
  await once(server, "listening");
  after(() => server.close());
  return `ws://127.0.0.1:${server.address().port}`;
}

// How it ends for a client without any settings of its own: at the second connection, or before.
async function doesAfter(url, settings) {
  let connecting = 0;
  const end = Promise.withResolvers();
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryWait: async () => {},
    on: { connecting: () => (connecting += 1) === 2 && end.resolve("comes back") },
    ...settings,
  });
  const stop = client.subscribe(
    { query: "subscription { x }" },
    { next: assert.fail, error: () => end.resolve("gives up"), complete: () => {} },
  );
  const does = await end.promise;
  stop();
  await client.dispose().catch(() => {}); // perhaps it is connecting, in vain
  return does;
}

test("the page has every code", () => assert.equal(CODES.length, 9));

const OTHERS = [[1001, "comes back"], [1009, "gives up"], [1011, "gives up"]];
for (const [code, does] of [...CODES, ...OTHERS])
  test(`after ${code} it ${does}`, async () => {
    assert.equal(await doesAfter(await closing(code)), does);
  });

test("where nobody answers it gives up, unless it is told otherwise", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}`;
  server.close();
  await once(server, "close");
  assert.equal(await doesAfter(url), "gives up");
  assert.equal(await doesAfter(url, { shouldRetry: () => true }), "comes back");
});
