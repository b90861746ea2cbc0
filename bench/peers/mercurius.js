// Mercurius with its JIT on Node, and the publisher it comes with. No database.

import Fastify from "fastify";
import mercurius from "mercurius";

import { answer, PORT, SDL } from "./site.js";

const TOPIC = "ticket";
let viewers = 0;

const app = Fastify();
app.register(mercurius, {
  schema: SDL,
  jit: 1,
  subscription: true,
  resolvers: {
    Query: { ready: () => true },
    Subscription: {
      ticketEvents: {
        subscribe: async (_root, _given, { pubsub }) => {
          const feed = await pubsub.subscribe(TOPIC);
          viewers += 1;
          return feed;
        },
      },
    },
  },
});

const publish = (event) =>
  app.graphql.pubsub.publish({ topic: TOPIC, payload: { ticketEvents: event } });
for (const [method, path] of [
  ["GET", "/viewers"],
  ["POST", "/burst"],
])
  app.route({ method, url: path, handler: (request) => answer(request.url, () => viewers, publish) });

await app.listen({ port: PORT, host: "127.0.0.1", backlog: 2048 });
