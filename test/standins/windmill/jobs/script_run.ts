import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { runBun } from "./bun.ts";
import { type BundleCache, BundleError } from "./bundle.ts";
import type { Sources } from "./modules.ts";
import { signatureOf } from "./signature.ts";
import { clockSource, wrapperSource } from "./wrapper.ts";

/** What a script's process is made of. */
export interface ScriptRun {
  jobId: string;
  worker: string;
  path: string;
  /** The function to call. */
  entry: string;
  lock: string | null;
  /** The script's own source, and what it may import. */
  sources: Sources;
  /** References resolved. */
  args: Record<string, unknown>;
  env: NodeJS.ProcessEnv;
  /** Seconds; undefined = no limit. */
  timeout: number | undefined;
  /** Milliseconds by which Windmill's clock is ahead of the machine's. */
  clockAhead: number;
  /** Where the job hands in its long waits, see `Clock.waitsAt`. */
  waitsAt: string | undefined;
  /** Aborted to cancel the run; the reason is a {@link Cancellation}. */
  signal: AbortSignal;
  bundles: BundleCache;
  appendLog(text: string): void;
}

/** Who ended a run, and why. */
export interface Cancellation {
  by: string;
  reason: string | null;
}

export interface ScriptOutcome {
  success: boolean;
  /** What `main` returned, or the error object. */
  value: unknown;
  memoryPeak: number | undefined;
  canceled: Cancellation | undefined;
}

/** Runs a script in a bun process of its own, with logs, result and errors as a Windmill worker leaves them. */
export async function runScript(run: ScriptRun): Promise<ScriptOutcome> {
  const limit = limitOf(run);
  const folder = await mkdtemp(join(tmpdir(), "windmill-job-"));
  const lines: string[] = [];
  try {
    run.appendLog(`job=${run.jobId} tag=bun worker=${run.worker} hostname=${hostname()} isolation=none\n`);
    const bundle = await run.bundles.get(run.path, run.lock, run.sources);
    run.appendLog(
      bundle.cached
        ? `\nloaded from local cache: ${bundle.file}\n\n\n--- BUN BUNDLE SNAPSHOT EXECUTION ---\n`
        : `\n\n--- BUN CODE EXECUTION ---\n\n\nwrote cached binary: ${bundle.file} (backed by EE distributed object store: false)\n\n`,
    );
    await symlink(bundle.file, join(folder, "main.js"));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "args.json"), JSON.stringify(run.args));
    await writeFile(join(folder, "clock.mjs"), clockSource(run.clockAhead, run.waitsAt));
    await writeFile(
      join(folder, "wrapper.mjs"),
      wrapperSource(run.entry, signatureOf(run.sources.get(run.path) ?? "", run.entry).parameters),
    );
    const onLine = (line: string) => {
      lines.push(line);
      run.appendLog(`\n${line}`);
    };
    const { code, memoryPeak } = await runBun(["run", "wrapper.mjs"], {
      cwd: folder,
      env: run.env,
      signal: limit.signal,
      onLine,
    });
    const canceled = limit.cancellation();
    if (canceled) return { success: false, value: terminated(canceled), memoryPeak, canceled };
    const result = await readFile(join(folder, "result.json"), "utf8").catch(() => "");
    const value: unknown =
      result === "" ? exitError("bun run", code, lines, run.env.WM_FLOW_STEP_ID) : JSON.parse(result);
    return { success: code === 0, value, memoryPeak, canceled: undefined };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    run.appendLog(`\n${error.message}`);
    const canceled = limit.cancellation();
    const value = canceled
      ? terminated(canceled)
      : exitError("bun build", 1, error.message.split("\n"), run.env.WM_FLOW_STEP_ID);
    return { success: false, value, memoryPeak: undefined, canceled };
  } finally {
    limit.clear();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One signal for both ways to be ended from outside: somebody cancels the job, or its time is over. */
function limitOf({ signal, timeout }: ScriptRun) {
  const ending = new AbortController();
  const onCancel = () => ending.abort(signal.reason);
  signal.addEventListener("abort", onCancel);
  if (signal.aborted) onCancel();
  const tooLate = () => ending.abort({ by: "timeout", reason: `duration > ${timeout}` } satisfies Cancellation);
  const timer = timeout === undefined ? undefined : setTimeout(tooLate, timeout * 1000);
  return {
    signal: ending.signal,
    cancellation: () => (ending.signal.aborted ? (ending.signal.reason as Cancellation) : undefined),
    clear() {
      clearTimeout(timer);
      signal.removeEventListener("abort", onCancel);
    },
  };
}

function terminated({ by, reason }: Cancellation): unknown {
  const why =
    by === "timeout"
      ? "timeout after exceeding job-specific duration limit"
      : `cancelled by ${by}${reason === null ? "" : ` (reason: ${reason})`}`;
  return executionError(`job process terminated due to ${why}`);
}

/** The error of a job that failed outside its own code. */
export function executionError(why: string): Record<string, unknown> {
  return { name: "ExecutionErr", message: `execution error:\n${why}` };
}

/** The error of a process that failed without leaving a result. */
function exitError(
  program: string,
  code: number | null,
  lines: readonly string[],
  stepId: string | undefined,
): unknown {
  const message = `exit code for "${program}": ${code}, last log lines:\n${lines.slice(-10).join("\n")}`;
  return { name: "ExecutionErr", message, ...(stepId ? { step_id: stepId } : {}), exit_code: code };
}
