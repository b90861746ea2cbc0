// The program and what it needs, as processes: started, stopped, killed.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DESK } from "./site.js";

export const PYTHON = resolve(import.meta.dirname, "../../.venv/bin/python");
const START_MS = 240_000; // a guard against hanging: 300 tickets take seconds
const STOP_MS = 20_000;

export class Server {
  constructor(port, folder, settings = {}) {
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith("SPORTELLO_"));
    this.log = "";
    this.process = spawn(PYTHON, ["-m", "app", "serve", "--development"], {
      cwd: folder,
      env: { ...Object.fromEntries(ours), ...settings, SPORTELLO_PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = new Promise((done) => this.process.once("close", done));
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
  }

  get running() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  async answers(site) {
    const patience = Date.now() + START_MS;
    while (this.running && Date.now() < patience) {
      const answer = await site.post(DESK, "{ __typename }").catch(() => null);
      if (answer?.ok) return;
      await sleep(200);
    }
    throw new Error(`the server did not start:\n${this.log}`);
  }

  async stop(signal = "SIGTERM") {
    if (this.running) this.process.kill(signal);
    const patience = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(patience);
    if (this.process.signalCode === "SIGKILL" && signal !== "SIGKILL")
      throw new Error(`it did not stop:\n${this.log}`);
  }
}

export async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}
