// A line that lets so many bytes a second through to the client, until it is widened.

import { connect, createServer } from "node:net";

const PIECE_MS = 100;

export class SlowLine {
  constructor(port, bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
    this.sockets = new Set();
    this.server = createServer((client) => this.pass(client, connect(port, "127.0.0.1")));
  }

  async open() {
    await new Promise((done) => this.server.listen(0, "127.0.0.1", done));
    return this.server.address().port;
  }

  pass(client, there) {
    const end = () => [client, there].forEach((one) => one.destroy());
    for (const one of [client, there]) {
      this.sockets.add(one);
      one.on("error", end).on("close", end);
    }
    client.pipe(there);
    there.pause();
    const trickle = setInterval(() => {
      const { bytesPerSecond: rate } = this;
      const most = rate === null ? Infinity : (rate * PIECE_MS) / 1000;
      const piece = there.read(Math.min(most, there.readableLength) || undefined);
      if (piece !== null) client.write(piece);
    }, PIECE_MS);
    there.once("close", () => clearInterval(trickle));
  }

  widen() {
    this.bytesPerSecond = null;
  }

  close() {
    for (const one of this.sockets) one.destroy();
    this.server.close();
  }
}
