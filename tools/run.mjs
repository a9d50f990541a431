#!/usr/bin/env node
// Runs one of the project's TypeScript commands on a machine that has only Node 20+ and npm: installs the locked
// packages when they are missing or older than the lock, then hands over with all arguments. Plain JavaScript, because
// nothing else can run before the install.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync, utimesSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  console.error(
    `This project needs Node 20 or newer; this is Node ${process.versions.node}. Install a newer Node and run the command again.`,
  );
  process.exit(1);
}

const lock = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  console.error("Installing the locked packages (npm ci) ...");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    console.error(
      "npm ci failed. Check that this machine reaches an npm registry (npm ping), then run the command again.",
    );
    process.exit(1);
  }
  utimesSync(installed, new Date(), new Date());
}

const [script, ...args] = process.argv.slice(2);
if (!script) {
  console.error("Usage: node tools/run.mjs <script.ts> [arguments]");
  process.exit(2);
}
// Not spawnSync: a signal to this process must reach the command, which ends what it has started.
const child = spawn(process.execPath, ["--import", "tsx", join(root, script), ...args], {
  cwd: root,
  stdio: "inherit",
});
process.on("SIGTERM", () => child.kill("SIGTERM"));
// Ctrl+C reaches the command by itself; this process only waits for it to end.
process.on("SIGINT", () => undefined);
child.on("exit", (code) => process.exit(code ?? 1));
