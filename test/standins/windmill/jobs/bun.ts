import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The repository's installed packages, which scripts and their bundles find their imports in. */
export const NODE_MODULES = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** The same bun that Windmill's image ships, from the repository's packages. */
const BUN = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin", "bun.exe");

/** How a bun process ended. */
export interface Exit {
  /** Null when it was killed. */
  code: number | null;
  /** Peak of its resident memory in kilobytes; 0 where the system does not tell. */
  memoryPeak: number;
}

export interface RunOptions {
  cwd: string;
  /** The whole environment; nothing is inherited. */
  env: NodeJS.ProcessEnv;
  /** Every line that is not empty, of both output streams. */
  onLine(line: string): void;
  /** Kills the process, and what it started, when it is aborted. */
  signal?: AbortSignal;
}

/** Runs bun until it exits. */
export async function runBun(args: readonly string[], { cwd, env, onLine, signal }: RunOptions): Promise<Exit> {
  // A group of its own, so that killing it reaches whatever the script started.
  const child = spawn(BUN, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  const kill = () => killGroup(child);
  signal?.addEventListener("abort", kill);
  if (signal?.aborted) kill();
  // What the script left running holds its output open, and nobody would end it.
  child.once("exit", kill);
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => line !== "" && onLine(line));
  }
  const memory = watchMemory(child);
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once("error", reject).once("close", resolve),
    );
    return { code, memoryPeak: memory.peak };
  } finally {
    memory.over = true;
    signal?.removeEventListener("abort", kill);
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

/** Reads the peak that Linux keeps, from the start and again and again, because it is gone with the process. */
function watchMemory({ pid }: ChildProcess): { peak: number; over: boolean } {
  const peakIn = (status: string) => Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  const file = `/proc/${pid}/status`;
  const memory = { peak: existsSync(file) ? peakIn(readFileSync(file, "utf8")) : 0, over: false };
  const watch = async () => {
    for (let interval = 5; !memory.over; interval = Math.min(interval * 2, 1000)) {
      await sleep(interval, undefined, { ref: false });
      memory.peak = Math.max(memory.peak, peakIn(await readFile(file, "utf8").catch(() => "")));
    }
  };
  void watch();
  return memory;
}
