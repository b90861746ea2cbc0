// What both servers of Node share: the schema, the event, and the two addresses the bench asks.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as breath } from "node:timers/promises";

const read = (name) => readFileSync(join(import.meta.dirname, name), "utf8");

export const SDL = read("schema.graphql");
export const PORT = Number(process.argv[2]);
const EVENT = JSON.parse(read("event.json"));

let number = 0;

// The next entry of the ticket; nothing of it is shared with the one before.
function nextEvent() {
  const at = new Date().toISOString();
  number += 1;
  return {
    ...EVENT,
    entry: { ...EVENT.entry, id: `${EVENT.entry.id}${number}`, number, createdAt: at },
    ticket: { ...EVENT.ticket, updatedAt: at, lastEntryNumber: number },
  };
}

// Answers GET /viewers with how many there are, POST /burst?events=n once n were published.
export async function answer(url, viewers, publish) {
  const { pathname, searchParams } = new URL(url, "http://here");
  if (pathname === "/viewers") return String(viewers());
  if (pathname !== "/burst") return "";
  for (let left = Number(searchParams.get("events")); left > 0; left -= 1) {
    await publish(nextEvent());
    await breath();
  }
  return "done";
}
