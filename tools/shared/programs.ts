import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const installed = (path: string): string => join(ROOT, "node_modules", path);

/** The programs that the tools run, as argv beginnings: the installed files themselves, so that no shell and no PATH is needed. */
export const PROGRAMS = {
  biome: [process.execPath, installed("@biomejs/biome/bin/biome")],
  bun: [installed("bun/bin/bun.exe")],
  svelteCheck: [
    process.execPath,
    "--require",
    join(ROOT, "tools/typescript_6.cjs"),
    installed("svelte-check/bin/svelte-check"),
  ],
  tsc: [process.execPath, installed("typescript/bin/tsc")],
  wmill: [process.execPath, installed("windmill-cli/esm/main.js")],
} as const satisfies Record<string, readonly string[]>;

export interface Run {
  /** Exit code; 1 when the program was ended by a signal. */
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Text for the program's standard input, which is otherwise closed: a program that asks a question must not hang. */
  input?: string;
  /** Called with each piece of output as it arrives. */
  onOutput?: (text: string) => void;
}

/** Runs a program to its end. Rejects only when it cannot be started; a non-zero exit is a result like any other. */
export function runProgram(argv: readonly string[], options: RunOptions): Promise<Run> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error("runProgram needs a program to run.");
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env ?? process.env });
    const run: Run = { status: 1, stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        run[name] += text;
        options.onOutput?.(text);
      });
    }
    child.once("error", fail);
    child.once("close", (code) => done({ ...run, status: code ?? 1 }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}
