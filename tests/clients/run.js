// Starts a desk with demo data in a folder of its own, and runs the reference clients against it.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, PYTHON, Server } from "./server.js";
import { CLIENT, DESK, Site } from "./site.js";

const HERE = import.meta.dirname;
const EVENTS = { NODE_OPTIONS: "--experimental-eventsource" }; // as every browser has it
const PEOPLE = {
  anna: [DESK, "anna@demo.test"],
  mario: [CLIENT, "mario.rossi@demo.test"],
  giulia: [CLIENT, "giulia.verdi@demo.test"],
};

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
