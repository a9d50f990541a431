import { randomUUID } from "node:crypto";
import { authenticate } from "../access.ts";
import { ApiError } from "../errors.ts";
import type { Context } from "../http.ts";
import { interpolated } from "../item_access.ts";
import { jsonb } from "../jsonb.ts";
import { issueJobToken, type Store, type Workspace } from "../store.ts";
import { type BundleCache, createBundleCache } from "./bundle.ts";
import { environmentOf, type Origins } from "./environment.ts";
import { newFlowStatus } from "./flow_status.ts";
import type { FlowValue } from "./flow_value.ts";
import { sourcesFor } from "./library.ts";
import { type Cancellation, executionError, runScript } from "./script_run.ts";
import { createSlots, type Slots } from "./slots.ts";
import { deployedIn, type Identity, type Job, type JobKind, scriptByHash } from "./state.ts";

/** The name that the one worker goes by. */
export const WORKER = "wk-default-standin";

/** How many scripts run at a time, unless a test says otherwise. */
const CONCURRENCY = 2;

/** What a new job is made of; see {@link Job} for the meaning. */
export interface JobSpec {
  kind: JobKind;
  path: string;
  hash?: string | undefined;
  args: Record<string, unknown>;
  createdBy: string;
  identity: Identity;
  scheduledFor?: string;
  schedulePath?: string | undefined;
  parent?: Job;
  stepId?: string;
  isRetry?: boolean;
  flow?: FlowValue;
  inline?: { content: string; lock: string | null };
  timeout?: number | undefined;
}

/** How a job ended. */
export interface Outcome {
  success: boolean;
  /** As it is stored: what the job returned, or `{ error }`. */
  result: unknown;
}

/** The outcome of a job that failed. */
export const failure = (error: unknown): Outcome => ({ success: false, result: { error } });

/** Does what a job is for. It never rejects. */
export type Runner = (job: Job) => Promise<Outcome>;

/** The queue and the worker of an instance. */
export interface Engine {
  readonly store: Store;
  /** The worker's places. A flow takes one to start, and none while its steps run. */
  readonly slots: Slots;
  /** How jobs of a kind are run; the modules of this folder add theirs. */
  readonly runners: Map<JobKind, Runner>;
  /** Adds a job to the queue. It does not start before {@link Engine.start}. */
  push(workspace: Workspace, spec: JobSpec): Job;
  /** Lets a job run when there is a place for it. @returns the job's `done` */
  start(job: Job): Promise<void>;
  /** Cancels a job and, of a flow, what runs in it. */
  cancel(job: Job, cancellation: Cancellation): void;
  /** Resolves when no started job is left unfinished. */
  idle(): Promise<void>;
}

const engines = new WeakMap<Store, Engine>();

/** The engine of an instance that was started. */
export function engineIn(store: Store): Engine {
  const engine = engines.get(store);
  if (!engine) throw new Error("this Windmill has no engine: start it with startWindmill");
  return engine;
}

/** The engine of the instance whose routes are being registered; made for the first process, and ended with the stand-in. */
export function engineOf({ store, processes, onClose }: Context): Engine {
  const known = engines.get(store);
  if (known) return known;
  const bundles = createBundleCache();
  const engine = createEngine(store, () => ({ server: processes.server.url, worker: processes.worker.url }), bundles);
  engines.set(store, engine);
  onClose(async () => {
    for (const workspace of store.workspaces.values()) {
      for (const job of deployedIn(workspace).jobs.values()) engine.cancel(job, { by: "shutdown", reason: null });
    }
    engine.slots.allow(Number.POSITIVE_INFINITY);
    await engine.idle();
    await bundles.close();
  });
  return engine;
}

function createEngine(store: Store, origins: () => Origins, bundles: BundleCache): Engine {
  const { clock } = store;
  const settlers = new WeakMap<Job, () => void>();
  const unfinished = new Set<Promise<void>>();
  const slots = createSlots(CONCURRENCY);

  const complete = (job: Job, { success, result }: Outcome) => {
    if (job.phase === "completed") return;
    Object.assign(job, { phase: "completed", completedAt: clock.iso(), success, result: jsonb(result), stop: undefined });
    settlers.get(job)?.();
  };

  const run = async (job: Job, runner: Runner) => {
    if (job.phase === "completed") return;
    const begin = performance.now();
    Object.assign(job, { phase: "running", startedAt: clock.iso() });
    const outcome = await runner(job);
    job.durationMs = Math.round(performance.now() - begin);
    complete(job, outcome);
  };

  const engine: Engine = {
    store,
    slots,
    runners: new Map(),
    push(workspace, spec) {
      const job = newJob(workspace, spec, clock.iso(), settlers);
      deployedIn(workspace).jobs.set(job.id, job);
      return job;
    },
    start(job) {
      const runner = engine.runners.get(job.kind);
      if (!runner) throw new Error(`no runner for jobs of kind ${job.kind}`);
      const work = job.flow ? slots.take(async () => undefined).then(() => run(job, runner)) : slots.take(() => run(job, runner));
      const running = work.then(() => job.done);
      unfinished.add(running);
      return running.finally(() => unfinished.delete(running));
    },
    cancel(job, cancellation) {
      if (job.phase === "completed") return;
      const { by, reason } = cancellation;
      job.canceled = cancellation;
      const shown = reason ?? "no reason given";
      if (job.stop) job.stop();
      else complete(job, failure({ name: "Canceled", message: `Job canceled: ${shown} by ${by}`, reason: shown, canceler: by }));
    },
    async idle() {
      while (unfinished.size > 0) await Promise.allSettled(unfinished);
    },
  };
  const runCode: Runner = (job) => runCodeJob(job, store, origins(), bundles);
  engine.runners.set("script", runCode);
  engine.runners.set("flowscript", runCode);
  return engine;
}

function newJob(workspace: Workspace, spec: JobSpec, now: string, settlers: WeakMap<Job, () => void>): Job {
  let settle = () => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const { hash, schedulePath, parent, stepId, isRetry = false, flow, inline, timeout, ...rest } = spec;
  const job: Job = {
    ...rest,
    id: randomUUID(),
    workspaceId: workspace.id,
    args: jsonb(spec.args) as Record<string, unknown>,
    scheduledFor: spec.scheduledFor ?? now,
    createdAt: now,
    ...{ hash, schedulePath, parent, stepId, isRetry, flow, inline, timeout },
    phase: "queued",
    startedAt: undefined,
    completedAt: undefined,
    durationMs: 0,
    success: false,
    result: null,
    logs: "",
    flowStatus: flow && newFlowStatus(flow),
    isSkipped: false,
    canceled: undefined,
    memoryPeak: undefined,
    progress: undefined,
    done,
    stop: undefined,
  };
  settlers.set(job, settle);
  return job;
}

/** Runs a job that is a script, deployed or inline, in a bun process. */
async function runCodeJob(job: Job, store: Store, origins: Origins, bundles: BundleCache): Promise<Outcome> {
  const workspace = store.workspaces.get(job.workspaceId);
  const script = workspace && job.hash !== undefined ? scriptByHash(workspace, job.hash) : undefined;
  const code = job.inline ?? script;
  if (!workspace || !code) return failure(executionError(`the code of ${job.path} is gone`));
  const { email, username, isAdmin, groups } = job.identity;
  const token = issueJobToken(store, email, { jobId: job.id, workspace: workspace.id, username, isAdmin, groups });
  const cancel = new AbortController();
  job.stop = () => cancel.abort(job.canceled);
  try {
    const actor = authenticate(store, `Bearer ${token}`, workspace.id);
    const outcome = await runScript({
      jobId: job.id,
      worker: WORKER,
      path: job.path,
      lock: code.lock,
      sources: new Map([...sourcesFor(workspace, actor), [job.path, code.content]]),
      args: interpolated(store.release, workspace, actor, job.args) as Record<string, unknown>,
      env: environmentOf(job, token, store, origins),
      timeout: job.timeout,
      signal: cancel.signal,
      bundles,
      appendLog: (text) => {
        job.logs += text;
      },
    });
    job.memoryPeak = outcome.memoryPeak;
    job.canceled = outcome.canceled;
    return outcome.success ? { success: true, result: outcome.value } : failure(outcome.value);
  } catch (error) {
    return failure(executionError(error instanceof ApiError ? error.message : `the worker failed: ${String(error)}`));
  }
}
