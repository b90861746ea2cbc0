// Starts a desk with demo data in a folder of its own, and runs the reference clients against it.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { CLIENT, DESK, Site } from "./site.js";

const HERE = import.meta.dirname;
const PYTHON = resolve(HERE, "../../.venv/bin/python");
const START_MS = 240_000; // a guard against hanging: 300 tickets take seconds
const STOP_MS = 20_000;
const EVENTS = { NODE_OPTIONS: "--experimental-eventsource" }; // as every browser has it
const PEOPLE = {
  anna: [DESK, "anna@demo.test"],
  mario: [CLIENT, "mario.rossi@demo.test"],
  giulia: [CLIENT, "giulia.verdi@demo.test"],
};

class Server {
  constructor(port, folder) {
    const ours = Object.entries(process.env).filter(([name]) => !name.startsWith("SPORTELLO_"));
    this.log = "";
    this.process = spawn(PYTHON, ["-m", "app", "serve", "--development"], {
      cwd: folder,
      env: { ...Object.fromEntries(ours), SPORTELLO_PORT: String(port) },
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

  async stop() {
    if (this.running) this.process.kill("SIGTERM");
    const patience = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(patience);
    if (this.process.signalCode === "SIGKILL") throw new Error(`it did not stop:\n${this.log}`);
  }
}

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function runTests(site) {
  const files = (await readdir(HERE)).filter((name) => name.endsWith(".test.js")).sort();
  const tests = spawn(
    process.execPath,
    ["--test", "--test-reporter=spec", ...files.map((name) => join(HERE, name))],
    { env: { ...process.env, ...site.environment, ...EVENTS }, stdio: "inherit" },
  );
  return new Promise((done) => tests.once("close", (code) => done(code ?? 1)));
}

async function main() {
  if (!existsSync(PYTHON)) throw new Error(`no ${PYTHON}: \`make test-clients\` makes it`);
  const folder = await mkdtemp(join(tmpdir(), "sportello-clients-"));
  const port = await freePort();
  const server = new Server(port, folder);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.stop());
  try {
    const site = new Site(`127.0.0.1:${port}`);
    await server.answers(site);
    for (const [name, [path, email]] of Object.entries(PEOPLE))
      site.tokens[name] = await site.signIn(path, email);
    const code = await runTests(site);
    if (server.log.includes("Traceback")) throw new Error(`a traceback:\n${server.log}`);
    if (code !== 0) console.error(server.log);
    return code;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
