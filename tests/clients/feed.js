// A feed over graphql-ws, as a page would keep it: `after` moves on with every frame, and the
// client, which sends the same variables again when it comes back, therefore misses nothing.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { bearer } from "./site.js";

const PATIENCE_MS = 30_000; // a guard against hanging, not a measure

// Of graphql-ws, with more of its options; `hold()` keeps it from coming back until `release()`.
export class Live {
  constructor(site, path, token, options = {}) {
    this.connecting = 0;
    this.closes = [];
    this.held = Promise.resolve();
    this.release = () => {};
    this.client = createClient({
      url: site.socketUrl(path),
      connectionParams: bearer(token),
      webSocketImpl: WebSocket,
      retryWait: () => this.held,
      ...options,
      on: {
        connecting: () => (this.connecting += 1),
        opened: (socket) => (this.socket = socket),
        closed: ({ code }) => this.closes.push(code),
      },
    });
  }

  hold() {
    this.held = new Promise((done) => (this.release = done));
  }

  // Cut the line without a word.
  drop() {
    this.socket.terminate();
  }

  // The one answer of a query or mutation.
  async run(query, variables) {
    for await (const { data, errors } of this.client.iterate({ query, variables })) {
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    }
  }

  feed(query, id) {
    return new Feed(this.client, query, id);
  }
}

export class Feed {
  constructor(client, query, id) {
    const variables = { id, after: null };
    this.frames = [];
    this.ended = new Promise((resolve, reject) => {
      this.stop = client.subscribe(
        { query, variables },
        {
          next: ({ data, errors }) => {
            if (errors) return reject(new Error(JSON.stringify(errors)));
            const frame = data.ticketEvents;
            variables.after = frame.cursor ?? variables.after;
            this.frames.push(frame);
            this.woken?.();
          },
          error: reject,
          complete: resolve,
        },
      );
    });
    this.ended.catch(() => {}); // whoever waits is told
  }

  get lines() {
    return this.frames.filter(({ line }) => line).map(({ line }) => line);
  }

  get types() {
    return this.frames.map(({ __typename }) => __typename);
  }

  get turn() {
    return this.frames.findLast(({ ticket }) => ticket)?.ticket.turn;
  }

  // Until what it told so far fulfils the condition.
  async until(condition) {
    const late = AbortSignal.timeout(PATIENCE_MS);
    const tooLate = new Promise((_, reject) => {
      late.onabort = () => reject(new Error(`waited for ${condition}: ${this.types}`));
    });
    tooLate.catch(() => {}); // the time may run out long after this wait
    const end = this.ended.then(() => {
      if (!condition(this)) throw new Error(`ended before ${condition}: ${this.types}`);
    });
    end.catch(() => {}); // it may end long after this wait
    while (!condition(this)) {
      const woken = new Promise((done) => (this.woken = done));
      await Promise.race([woken, end, tooLate]);
    }
  }
}
