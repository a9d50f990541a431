import type { ChildSpec, StepOutcome, Update } from "./flow_run.ts";
import { type ModuleStatus, NO_JOB } from "./flow_status.ts";
import type { LoopStep } from "./flow_value.ts";
import { failure } from "./job.ts";
import { executionError } from "./script_run.ts";
import type { Job } from "./state.ts";

/** A loop as its flow has evaluated it. */
interface Loop {
  step: LoopStep;
  /** What the iterator's expression gave. */
  items: unknown;
  /** Undefined = all at a time. */
  parallelism: number | undefined;
  stepId: string;
}

/** What a loop needs of the flow that it is a step of. */
interface Surroundings {
  job: Job;
  push(spec: ChildSpec): Job;
  start(child: Job): Promise<void>;
  update: Update;
}

/**
 * Runs a parallel loop as the worker does: every iteration is a flow of its own, queued at once with the flow's whole arguments and
 * `iter`; those beyond the parallelism wait. The result is the list of the iterations' results, in which a failed one has `{ error }`.
 * Loops one after the other, and loops that end with a failure, are not run.
 */
export async function runLoop({ step, items, parallelism, stepId }: Loop, flow: Surroundings): Promise<StepOutcome> {
  if (!step.parallel || !step.skip_failures) {
    const message = "the stand-in runs no loops but those with parallel: true and skip_failures: true";
    return { ...failure(executionError(message)), job: NO_JOB };
  }
  if (!Array.isArray(items)) {
    return { ...failure(executionError("Expected an array value in the iterator expression")), job: NO_JOB };
  }
  if (items.length === 0 || step.modules.length === 0) return { success: true, result: [], job: NO_JOB };
  const { job } = flow;
  const iterations = items.map((value, index) =>
    flow.push({
      kind: "flownode",
      path: `${job.path}/forloop-${index}`,
      args: { ...job.args, iter: { index, value } },
      stepId,
      flow: { modules: step.modules },
    }),
  );
  const show = (): void => flow.update(statusOf(iterations));
  flow.update({ type: "InProgress", job: job.id, parallel: true, iterator: { index: 0, itered_len: items.length } });
  show();
  const waiting = [...iterations];
  let last = job;
  const place = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await flow.start(next);
      last = next;
      show();
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallelism ?? items.length, items.length) }, place));
  return { success: true, result: iterations.map(({ result }) => result), job: last.id };
}

function statusOf(iterations: readonly Job[]): Partial<ModuleStatus> {
  const over = (job: Job): boolean => job.phase === "completed";
  return {
    flow_jobs: iterations.map(({ id }) => id),
    flow_jobs_success: iterations.map((job) => (over(job) ? job.success : null)),
    flow_jobs_duration: {
      started_at: iterations.map(({ startedAt }) => startedAt ?? null),
      duration_ms: iterations.map((job) => (over(job) ? job.durationMs : null)),
    },
  };
}
