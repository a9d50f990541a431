import type { Context } from "../http.ts";
import { jsonb } from "../jsonb.ts";
import type { Store, Workspace } from "../store.ts";
import { createBundleCache } from "./bundle.ts";
import { codeRunner } from "./code_run.ts";
import { failure, type JobSpec, newJob, type Outcome } from "./job.ts";
import { type Cancellation, executionError } from "./script_run.ts";
import { createSlots, type Slots } from "./slots.ts";
import { deployedIn, type Job, type JobKind } from "./state.ts";

/** How many scripts run at a time, unless a test says otherwise. */
const CONCURRENCY = 2;

/** Does what a job is for. */
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
  /** Lets a job run when there is a place for it. Never rejects. @returns the job's `done` */
  start(job: Job): Promise<void>;
  /** Ends a job that is not to be run. */
  finish(job: Job, outcome: Outcome): void;
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
  const engine = createEngine(store);
  engines.set(store, engine);
  const bundles = createBundleCache();
  const runCode = codeRunner(store, bundles, () => ({ server: processes.server.url, worker: processes.worker.url }));
  engine.runners.set("script", runCode);
  engine.runners.set("flowscript", runCode);
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

function createEngine(store: Store): Engine {
  const { clock } = store;
  const settlers = new WeakMap<Job, () => void>();
  const unfinished = new Set<Promise<void>>();
  const slots = createSlots(CONCURRENCY);

  const complete = (job: Job, { success, result }: Outcome) => {
    if (job.phase === "completed") return;
    Object.assign(job, { phase: "completed", completedAt: clock.iso(), success, stop: undefined });
    job.result = jsonb(result);
    settlers.get(job)?.();
  };

  const run = async (job: Job) => {
    if (job.phase === "completed") return;
    const begin = performance.now();
    Object.assign(job, { phase: "running", startedAt: clock.iso() });
    const outcome = await perform(engine.runners.get(job.kind), job);
    job.durationMs = Math.round(performance.now() - begin);
    complete(job, outcome);
  };

  const engine: Engine = {
    store,
    slots,
    runners: new Map(),
    push(workspace, spec) {
      const { job, settle } = newJob(workspace, spec, clock.iso());
      settlers.set(job, settle);
      deployedIn(workspace).jobs.set(job.id, job);
      return job;
    },
    start(job) {
      const work = job.flow ? slots.take(async () => undefined).then(() => run(job)) : slots.take(() => run(job));
      const running = work.then(() => job.done);
      unfinished.add(running);
      return running.finally(() => unfinished.delete(running));
    },
    finish: complete,
    cancel(job, cancellation) {
      if (job.phase === "completed") return;
      job.canceled = cancellation;
      if (job.stop) return job.stop();
      const { by, reason } = cancellation;
      const why = reason ?? "no reason given";
      complete(job, failure({ name: "Canceled", message: `Job canceled: ${why} by ${by}`, reason: why, canceler: by }));
    },
    async idle() {
      while (unfinished.size > 0) await Promise.all(unfinished);
    },
  };
  return engine;
}

async function perform(runner: Runner | undefined, job: Job): Promise<Outcome> {
  try {
    return runner ? await runner(job) : failure(executionError(`nobody runs jobs of kind ${job.kind}`));
  } catch (error) {
    return failure(executionError(`the worker failed: ${error instanceof Error ? error.stack : String(error)}`));
  }
}
