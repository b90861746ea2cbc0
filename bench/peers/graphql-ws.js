// graphql-ws on Node: graphql-js executes the document for each viewer. No database.

import { createServer } from "node:http";

import { buildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

import { answer, PORT, SDL } from "./site.js";

const viewers = new Set();

// An async iterator that is pushed to, as the documentation of graphql-ws has it.
class Feed {
  constructor() {
    this.events = [];
    this.wake = null;
    this.over = false;
    viewers.add(this);
  }

  push(event) {
    this.events.push({ ticketEvents: event });
    this.wake?.();
  }

  async next() {
    while (this.events.length === 0 && !this.over)
      await new Promise((wake) => (this.wake = wake));
    if (this.over) return { done: true, value: undefined };
    return { done: false, value: this.events.shift() };
  }

  async return() {
    this.over = true;
    viewers.delete(this);
    this.wake?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const schema = buildSchema(SDL);
schema.getSubscriptionType().getFields().ticketEvents.subscribe = () => new Feed();

const http = createServer(async (request, response) => {
  response.end(
    await answer(
      request.url,
      () => viewers.size,
      (event) => viewers.forEach((one) => one.push(event)),
    ),
  );
});
const sockets = new WebSocketServer({ server: http, path: "/graphql", perMessageDeflate: false });
useServer({ schema }, sockets);
http.listen({ port: PORT, host: "127.0.0.1", backlog: 2048 });
