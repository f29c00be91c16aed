/**
 * The browser tests: a fresh data folder with the demo project, the real server and worker on it, Playwright
 * against them, and nothing left behind. Arguments go on to Playwright (`npm run e2e -- -g keyboard`).
 */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const FRONTEND = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const PYTHON = join(FRONTEND, "..", ".venv", "bin", "python");
const MANAGE = join(FRONTEND, "..", "manage.py");
const PLAYWRIGHT = join(FRONTEND, "node_modules", "@playwright", "test", "cli.js");
const READY_SECONDS = 60;

const started = new Set();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  // Ctrl-C reaches the whole group; whoever ends us alone ends them through us. `run` then cleans up.
  process.on(name, () => started.forEach((child) => child.kill("SIGTERM")));
}

const chromium = findChromium();
if (!chromium) {
  console.log("Browser tests: not run, no Chromium found (apt install chromium, or set CHROMIUM).");
  process.exit(process.env.REQUIRE_BROWSER ? 1 : 0);
}
const folder = mkdtempSync(join(tmpdir(), "signalops-e2e-"));
try {
  process.exitCode = await run(folder, chromium);
} catch (error) {
  console.error(`Browser tests: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

async function run(data, browser) {
  const environment = { ...process.env, SIGNALOPS_DATA_DIR: data, CHROMIUM: browser };
  delete environment.DATABASE_URL;
  delete environment.REDIS_URL;
  await finish("migrate", start(PYTHON, [MANAGE, "migrate", "-v0"], environment));
  await finish("loaddemo", start(PYTHON, [MANAGE, "loaddemo"], environment, { quiet: true }));
  const port = await findFreePort();
  const address = `http://127.0.0.1:${port}`;
  const server = start(PYTHON, [MANAGE, "serve", "--port", String(port)], environment, { quiet: true });
  try {
    await waitUntilReady(`${address}/api/health/ready/`, server);
    const tests = start(process.execPath, [PLAYWRIGHT, "test", ...process.argv.slice(2)], {
      ...environment,
      BASE_URL: address,
      ...readSignIn(data),
    });
    return await exitOf(tests);
  } finally {
    server.kill("SIGTERM");
    await exitOf(server);
    if (process.env.E2E_LOG) console.log(server.output());
  }
}

/** A child in our folder. A quiet one is heard only when it fails. */
function start(command, parameters, environment, { quiet = false } = {}) {
  const child = spawn(command, parameters, { cwd: FRONTEND, env: environment, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-20_000);
    });
  }
  child.output = () => said;
  child.ended = new Promise((settle) => {
    child.on("error", (error) => {
      said += error.message;
      settle(1);
    });
    child.on("close", (code) => settle(code ?? 1));
  }).finally(() => started.delete(child));
  started.add(child);
  return child;
}

function exitOf(child) {
  return child.ended;
}

async function finish(name, child) {
  if ((await exitOf(child)) !== 0) throw new Error(`${name} failed.\n${child.output()}`);
}

async function waitUntilReady(address, server) {
  const deadline = Date.now() + READY_SECONDS * 1000;
  while (Date.now() < deadline) {
    if (!started.has(server)) break;
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return;
    await pause(250);
  }
  throw new Error(`the server did not become ready.\n${server.output()}`);
}

function findFreePort() {
  return new Promise((settle, fail) => {
    const probe = createServer();
    probe.on("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => settle(port));
    });
  });
}

/** The file has one "NAME PASSWORD" a line. */
function readSignIn(data) {
  const lines = readFileSync(join(data, "demo-sign-in.txt"), "utf8").trim().split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const [name, password] = line.trim().split(/\s+/, 2);
      return [`${name.toUpperCase()}_PASSWORD`, password];
    }),
  );
}

function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return ["chromium", "chromium-browser", "google-chrome"].flatMap((name) => folders.map((path) => join(path, name))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
