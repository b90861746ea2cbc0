// A line between a client and the desk that can be cut, and on which for a while nobody answers.

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Relay {
  constructor(host) {
    [this.to, this.port] = host.split(":");
    this.lines = new Set();
    this.connected = 0;
    this.server = createServer((line) => this.#take(line));
  }

  static async to(host) {
    const relay = new Relay(host);
    await relay.answer(0);
    return relay;
  }

  get host() {
    return `127.0.0.1:${this.here}`;
  }

  async answer(port = this.here) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    this.here = this.server.address().port;
  }

  // Drop everybody, without a word.
  cut() {
    for (const line of this.lines) line.destroy();
  }

  // And take nobody any more.
  async refuse() {
    const closed = once(this.server, "close");
    this.server.close();
    this.cut();
    await closed;
  }

  #take(line) {
    this.connected += 1;
    const onwards = connect(this.port, this.to);
    for (const [one, other] of [[line, onwards], [onwards, line]]) {
      this.lines.add(one);
      one.pipe(other);
      one.on("error", () => {}); // its close follows
      one.on("close", () => {
        this.lines.delete(one);
        other.destroy();
      });
    }
  }
}
